import { expect, test } from "vitest";
import type { TableSchema } from "../../../../src/contracts/schema.ts";
import { planChain } from "../../../../src/transform/plan-chain.ts";
import { foreignKeyWarnings } from "../../../../src/transform/preview/foreign-keys.ts";
import { loadRegistry } from "../../../../src/transform/registry.ts";
import { columnsOf } from "../../../support/rows.ts";

const registry = await loadRegistry([], "/");
type Step = Readonly<Record<string, unknown>>;

/** `child.owner` refers to `parent.email`. */
function warned(child: readonly Step[], parent: readonly Step[]): string[] {
  const table = (name: string, columns: string[], steps: readonly Step[], more: Partial<TableSchema> = {}) => {
    const list = columnsOf(...columns);
    const configured = steps.map((step, i) => {
      const [[transform = "", parameters] = []] = Object.entries(step).filter(([key]) => key !== "when");
      return { name: transform, parameters, path: `${name}[${i}]`, ...("when" in step ? { when: step["when"] } : {}) };
    });
    const schema = { database: "d", name, columns: list, foreignKeys: [], ...more } as unknown as TableSchema;
    return { table: schema, chain: planChain(name, list, configured, registry) };
  };
  const key = {
    name: "fk",
    columns: ["owner"],
    referencedDatabase: "d",
    referencedTable: "parent",
    referencedColumns: ["email"],
  };
  return foreignKeyWarnings([
    table("child", ["owner varchar(60)", "place text", "kind text"], child, { foreignKeys: [key] }),
    table("parent", ["email varchar(60)", "name text", "kind text"], parent),
  ]).map(({ text }) => text);
}

const hash = (column: string, salt = "s"): Step => ({ hash: { column, salt } });
const mask = (column: string): Step => ({ mask: { column, keepFirst: 2 } });

test("two ends that are treated alike match, whatever the columns are called", () => {
  expect(warned([], [])).toEqual([]);
  expect(warned([hash("owner")], [hash("email")])).toEqual([]);
  expect(warned([{ rename: { column: "owner", to: "mail" } }, hash("mail")], [hash("email")])).toEqual([]);
  expect(warned([{ nullify: { column: "place" } }], [{ drop: { columns: ["name"] } }])).toEqual([]);
  expect(warned([{ drop: { columns: ["owner"] } }], [hash("email")])).toEqual([]);
  const upper = (column: string): Step => ({ sql: { column, expression: `UPPER(\`${column}\`)` } });
  expect(warned([upper("owner")], [upper("email")])).toEqual([]);
  const some = (column: string): Step => ({ ...mask(column), when: { [column]: "root" } });
  expect(warned([some("owner")], [some("email")])).toEqual([]);
});

test("what is treated differently does not", () => {
  expect(warned([], [hash("email")])).toEqual([expect.stringContaining("only the latter is changed, by parent[0]")]);
  expect(warned([hash("owner")], [])).toEqual([expect.stringContaining("only the former is changed, by child[0]")]);
  expect(warned([hash("owner", "t")], [hash("email")])).toEqual([expect.stringContaining("changed differently")]);
  expect(warned([{ case: { column: "owner", to: "upper" } }], [hash("email")])).toHaveLength(1);
  expect(warned([hash("owner"), hash("owner")], [hash("email")])).toHaveLength(1);
  expect(warned([], [{ drop: { columns: ["email"] } }])).toEqual([expect.stringContaining("which is dropped")]);
});

test("nor does what depends on other columns of the row", () => {
  const some = (column: string, by: string): Step => ({ ...mask(column), when: { [by]: "x" } });
  expect(warned([some("owner", "place")], [some("email", "name")])).toHaveLength(1);
  // The same step in both, but the rows' other columns are not the same.
  expect(warned([some("owner", "kind")], [some("email", "kind")])).toEqual([
    expect.stringContaining("depends on other columns"),
  ]);
  const mixed = (column: string, other: string): Step => ({
    sql: { column, expression: `CONCAT(\`${column}\`, \`${other}\`)` },
  });
  expect(warned([mixed("owner", "place")], [mixed("email", "name")])).toHaveLength(1);
  expect(warned([mixed("owner", "kind")], [mixed("email", "kind")])).toEqual([
    expect.stringContaining("depends on other columns"),
  ]);
});
