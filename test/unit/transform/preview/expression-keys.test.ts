import { expect, test } from "vitest";
import { planChain } from "../../../../src/transform/plan-chain.ts";
import { expressionKeysOf, expressionWarnings } from "../../../../src/transform/preview/expression-keys.ts";
import { loadRegistry } from "../../../../src/transform/registry.ts";
import { columnsOf } from "../../../support/rows.ts";

const registry = await loadRegistry([], "/");
const sql = `CREATE TABLE \`t\` (
  \`id\` bigint NOT NULL,
  \`mail\` varchar(60) DEFAULT NULL,
  \`shop\` int NOT NULL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`plain\` (\`shop\`,\`mail\`(10)),
  UNIQUE KEY \`folded\` (\`shop\`,(lower(\`mail\`))),
  KEY \`ordinary\` ((\`id\` + 1))
) ENGINE=InnoDB`;
const chain = (name: string, parameters: object) =>
  planChain(
    "t",
    columnsOf("id bigint not null", "mail varchar(60)", "shop int not null"),
    [{ name, parameters, path: "[0]" }],
    registry,
  );

test("unique keys over expressions, with every column they look at", () => {
  expect(expressionKeysOf(sql)).toEqual([
    { name: "folded", parts: "`shop`,(lower(`mail`))", columns: ["shop", "mail"] },
  ]);
  expect(expressionKeysOf("")).toEqual([]);
});

test("they are told where a step makes a value they look at, and only there", () => {
  const [warning, ...rest] = expressionWarnings(chain("trim", { column: "mail" }), sql);
  expect(rest).toEqual([]);
  expect(warning).toMatchObject({ code: "uniqueness-at-risk", column: "mail" });
  expect(warning?.text).toContain("Unique key folded is over `shop`,(lower(`mail`))");
  expect(expressionWarnings(chain("offset", { column: "id", by: 1 }), sql)).toEqual([]);
});
