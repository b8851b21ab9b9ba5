import { describe, expect, test } from "vitest";
import type { Column } from "../../../../src/contracts/schema.ts";
import { columnFromType } from "../../../../src/mysql/column-type.ts";
import { planChain } from "../../../../src/transform/plan-chain.ts";
import { collisionsInKeys } from "../../../../src/transform/preview/chain-warnings.ts";
import { expectedDuplicates, keyCheck } from "../../../../src/transform/preview/key-check.ts";
import { bindKey, partsOf } from "../../../../src/transform/preview/key-parts.ts";
import { keysAtRisk, type UniqueKey, uniqueKeysOf } from "../../../../src/transform/preview/unique-keys.ts";
import { loadRegistry } from "../../../../src/transform/registry.ts";
import { cellsOf, columnsOf } from "../../../support/rows.ts";

const registry = await loadRegistry([], "/");
const columns = columnsOf("id bigint not null", "email varchar(60)", "country char(2)");
const plan = (...steps: Record<string, unknown>[]) =>
  planChain(
    "t",
    columns,
    steps.map((step, i) => ({ name: Object.keys(step)[0] ?? "", parameters: Object.values(step)[0], path: `[${i}]` })),
    registry,
  );
const key = (name: string, ...parts: string[]): UniqueKey => ({
  name,
  parts: parts.map((column) => ({ column, prefix: null })),
});

test("unique keys of CREATE TABLE, prefixes too; not those over expressions, nor ordinary ones", () => {
  const sql = `CREATE TABLE \`t\` (
  \`id\` bigint NOT NULL COMMENT 'UNIQUE KEY \`no\` (\`a\`)',
  \`a\`\`b\` varchar(20) DEFAULT NULL,
  PRIMARY KEY (\`id\`,\`a\`\`b\` DESC),
  UNIQUE KEY \`by_start\` (\`a\`\`b\`(10)),
  UNIQUE KEY \`by_expression\` ((lower(\`a\`\`b\`))),
  KEY \`plain\` (\`id\`)
) ENGINE=InnoDB`;
  expect(uniqueKeysOf(sql)).toEqual([
    key("PRIMARY", "id", "a`b"),
    { name: "by_start", parts: [{ column: "a`b", prefix: 10 }] },
  ]);
  expect(uniqueKeysOf("")).toEqual([]);
});

describe("keys at risk", () => {
  const atRisk = (
    chain: ReturnType<typeof plan>,
    keys: UniqueKey[],
    there: readonly Column[] = chain.columns,
  ): string[] =>
    keysAtRisk(chain, [key("PRIMARY", "id"), key("by_email", "email")], { columns: there, keys }).map(
      ({ name }) => name,
    );

  test("are those that steps write or that are stricter than the source's", () => {
    const keys = [key("PRIMARY", "id"), key("by_email", "email"), key("both", "id", "country"), key("land", "country")];
    expect(atRisk(plan(), keys)).toEqual(["land"]);
    expect(atRisk(plan({ hash: { column: "email", salt: "s" } }), keys)).toEqual(["by_email", "land"]);
    expect(atRisk(plan({ rename: { column: "email", to: "mail" } }), [key("by_mail", "mail")])).toEqual([]);
    expect(atRisk(plan({ drop: { columns: ["email"] } }), [key("by_email", "email")])).toEqual([]);
    const start = { name: "start", parts: [{ column: "email", prefix: 3 }] };
    expect(atRisk(plan(), [start])).toEqual(["start"]);
  });
  test("a coarser collation on the target is stricter", () => {
    const other = columnFromType("email", "varchar(60) collate utf8mb4_general_ci");
    expect(
      atRisk(plan(), [key("by_email", "email")], [...columns.filter(({ name }) => name !== "email"), other]),
    ).toEqual(["by_email"]);
  });
});

test("a step's own word on collisions counts under unique keys only", () => {
  const chain = plan({ hash: { column: "email", salt: "s", encoding: "bigint" } });
  expect(collisionsInKeys(chain, [key("by_email", "email")])).toMatchObject([
    { code: "uniqueness-at-risk", column: "email", text: expect.stringContaining("64 of 256 bits") },
  ]);
  expect(collisionsInKeys(chain, [key("PRIMARY", "id")])).toEqual([]);
});

describe("how keys are compared", () => {
  const parts = (type: string, value: string | null, prefix: number | null = null): string | undefined => {
    const column = columnFromType("c", type);
    return partsOf(
      bindKey({ name: "k", parts: [{ column: "c", prefix }] }, [column], [column]),
      cellsOf(value),
    )?.[0]?.toString();
  };
  test("blanks at the end, prefixes, numbers, NULL", () => {
    expect(parts("varchar(9)", "a ")).toBe("a ");
    expect(parts("char(9)", "a ")).toBe("a");
    expect(parts("varchar(9) collate utf8mb4_bin", "a ")).toBe("a");
    expect(parts("varchar(9)", "äöü", 2)).toBe("äö");
    expect(parts("decimal(9,2)", "1.50")).toBe(parts("decimal(9,2)", "01.5"));
    expect(parts("decimal(9,2)", "-0.00")).toBe("0");
    expect(parts("int", null)).toBeUndefined();
  });
});

test("equal keys are counted, by the collation where it is known and else by bytes, and said so", async () => {
  const lower = (_: string, texts: readonly Uint8Array[]) =>
    Promise.resolve(texts.map((text) => Buffer.from(Buffer.from(text).toString().toLowerCase())));
  const rows = ["a", "A", "b", null, null].map((text) => cellsOf("1", text, "DE"));
  const check = keyCheck([key("by_email", "email")], columns, columns, lower);
  await check.see(rows);
  expect(check.nextPass()).toBe(false);
  expect(check.verdicts(true)).toEqual([{ key: "by_email", columns: ["email"], keys: 3, duplicates: 1, exact: true }]);
  expect(check.warnings(true, 5)[0]?.text).toContain("1 of 3 keys");

  const unknown = keyCheck([key("by_email", "email")], columns, columns, () => Promise.resolve(null));
  await unknown.see([...rows, cellsOf("2", "a", "FR")]);
  unknown.nextPass();
  expect(unknown.verdicts(false)).toMatchObject([{ duplicates: 1 }]);
  expect(unknown.warnings(false, 5)[0]?.text).toMatch(/on the sample.*compared by their bytes/);
});

test("pairs of equal keys grow with the square of the rows, up to all of them", () => {
  expect(expectedDuplicates(1000, 1, 10_000)).toBe(100);
  expect(expectedDuplicates(1000, 500, 10_000)).toBe(9_999);
  expect(expectedDuplicates(1000, 3, 10)).toBe(3);
  expect(expectedDuplicates(0, 0, 10)).toBe(0);
});
