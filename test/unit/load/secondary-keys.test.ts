import { expect, test } from "vitest";
import type { Column, TableSchema } from "../../../src/contracts/schema.ts";
import { buildKeysSql, dropKeysSql, keysIn, keysLeft, secondaryKeys } from "../../../src/load/secondary-keys.ts";

const createStatement = [
  "CREATE TABLE `t` (",
  "  `id` bigint NOT NULL AUTO_INCREMENT,",
  "  `a` int DEFAULT NULL COMMENT 'no KEY `x` (`a`)',",
  "  `b``c` varchar(20) DEFAULT NULL,",
  "  `parent` int DEFAULT NULL,",
  "  PRIMARY KEY (`b``c`),",
  "  UNIQUE KEY `u` (`a`),",
  "  KEY `auto` (`id`),",
  "  KEY `a``b` (`b``c`(5) DESC,`a`) USING BTREE COMMENT 'for (a)',",
  "  KEY `sum` (((`a` + 1))),",
  "  KEY `to_parent` (`parent`),",
  "  KEY `hidden` (`a`) /*!80000 INVISIBLE */,",
  "  FULLTEXT KEY `words` (`b``c`),",
  "  CONSTRAINT `fk` FOREIGN KEY (`parent`) REFERENCES `p` (`id`)",
  ") ENGINE=InnoDB",
].join("\n");

const column = (name: string, autoIncrement: boolean): Column => ({ name, autoIncrement }) as Column;

const table = {
  name: "t",
  columns: [column("id", true), column("a", false)],
  foreignKeys: [{ columns: ["parent"], referencedTable: "p", referencedColumns: ["id"] }],
  createStatement,
} as unknown as TableSchema;

test("only keys that nothing stands on are built after the rows", () => {
  expect(secondaryKeys(table, []).map(({ name }) => name)).toEqual(["a`b", "sum"]);
});

test("a key that another table's foreign key points to stays", () => {
  const child = { foreignKeys: [{ columns: ["x"], referencedTable: "t", referencedColumns: ["b`c"] }] };
  const names = secondaryKeys(table, [child as unknown as TableSchema]).map(({ name }) => name);
  expect(names).toEqual(["sum"]);
});

test("keys go and come back as they were", () => {
  const keys = secondaryKeys(table, []);
  expect(dropKeysSql("t`t", keys)).toBe("ALTER TABLE `t``t` DROP KEY `a``b`, DROP KEY `sum`");
  expect(buildKeysSql("t", keys)).toBe(
    "ALTER TABLE `t` ADD KEY `a``b` (`b``c`(5) DESC,`a`) USING BTREE COMMENT 'for (a)', ADD KEY `sum` (((`a` + 1)))",
  );
});

test("what is there is held against what should be", () => {
  const keys = keysIn(createStatement);
  const changed = createStatement
    .replace("  KEY `sum` (((`a` + 1))),\n", "")
    .replace("KEY `auto` (`id`)", "KEY `auto` (`id`,`a`)");
  expect(keysLeft(keys, createStatement)).toEqual({ missing: [], changed: [] });
  const left = keysLeft(keys, changed);
  expect([left.missing.map(({ name }) => name), left.changed.map(({ name }) => name)]).toEqual([["sum"], ["auto"]]);
});
