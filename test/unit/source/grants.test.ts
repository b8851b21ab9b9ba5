import { expect, test } from "vitest";
import { grantsOf } from "../../../src/source/preflight/grants.ts";

const account = "'u'@'%'";
const of = (...lines: string[]) =>
  grantsOf(
    account,
    lines.map((line) => line.replace("TO me", "TO `u`@`%`")),
  );

test("privileges on everything cover databases and tables", () => {
  const grants = of("GRANT SELECT, RELOAD, REPLICATION CLIENT ON *.* TO me WITH GRANT OPTION");
  expect(grants.globally("REPLICATION CLIENT")).toBe(true);
  expect(grants.onDatabase("SELECT", "shop")).toBe(true);
  expect(grants.onTable("SELECT", "shop", "t")).toBe(true);
  expect(grants.globally("PROCESS")).toBe(false);
  expect(grants.onDatabase("LOCK TABLES", "shop")).toBe(false);
});

test("ALL PRIVILEGES hold the static ones; the dynamic ones are named", () => {
  const grants = of("GRANT ALL PRIVILEGES ON *.* TO me", "GRANT BACKUP_ADMIN,FLUSH_TABLES ON *.* TO me");
  expect(grants.globally("LOCK TABLES")).toBe(true);
  expect(grants.globally("FLUSH_TABLES")).toBe(true);
  expect(grants.globally("SYSTEM_USER")).toBe(false);
});

test("database names are patterns unless escaped", () => {
  expect(of("GRANT SELECT ON `shop_`.* TO me").onDatabase("SELECT", "shop1")).toBe(true);
  expect(of("GRANT SELECT ON `shop%`.* TO me").onDatabase("SELECT", "shop-of.things")).toBe(true);
  expect(of("GRANT SELECT ON `shop\\_a`.* TO me").onDatabase("SELECT", "shopxa")).toBe(false);
  expect(of("GRANT SELECT ON `shop\\_a`.* TO me").onDatabase("SELECT", "shop_a")).toBe(true);
  expect(of("GRANT SELECT ON `a``.b`.* TO me").onDatabase("SELECT", "a`.b")).toBe(true);
  expect(of("GRANT SELECT ON `shop`.* TO me").onDatabase("SELECT", "shopping")).toBe(false);
});

test("a table's grant is for that table, and one on columns is not for the table", () => {
  const grants = of(
    "GRANT SELECT, LOCK TABLES ON `shop`.`t` TO me",
    "GRANT SELECT (`a`, `b``(`), INSERT ON `shop`.`c` TO me",
  );
  expect(grants.onTable("SELECT", "shop", "t")).toBe(true);
  expect(grants.onTable("SELECT", "shop", "u")).toBe(false);
  expect(grants.onDatabase("SELECT", "shop")).toBe(false);
  expect(grants.onTable("SELECT", "shop", "c")).toBe(false);
  expect(grants.onTable("INSERT", "shop", "c")).toBe(true);
});

test("a partial revoke takes one database away", () => {
  const grants = of("GRANT SELECT ON *.* TO me", "REVOKE SELECT ON `secret`.* FROM `u`@`%`");
  expect(grants.onDatabase("SELECT", "shop")).toBe(true);
  expect(grants.onDatabase("SELECT", "secret")).toBe(false);
});

test("roles, routines and proxies say nothing about tables", () => {
  const grants = of(
    "GRANT `r`@`%` TO me",
    "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO me",
    "GRANT PROXY ON ``@`` TO me",
    "GRANT USAGE ON *.* TO me",
  );
  expect(grants.onTable("SELECT", "shop", "p")).toBe(false);
  expect(grants.onTable("EXECUTE", "shop", "p")).toBe(false);
});
