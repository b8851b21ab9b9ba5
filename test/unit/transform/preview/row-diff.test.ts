import { describe, expect, test } from "vitest";
import { columnFromType } from "../../../../src/mysql/column-type.ts";
import { planChain } from "../../../../src/transform/plan-chain.ts";
import { previewedColumns, previewedRow, rowsToShow } from "../../../../src/transform/preview/row-diff.ts";
import { keyText, pairRows, type RowPair } from "../../../../src/transform/preview/row-pairs.ts";
import { shownCell } from "../../../../src/transform/preview/shown-cell.ts";
import { loadRegistry } from "../../../../src/transform/registry.ts";
import { batchOf, cellsOf, columnsOf } from "../../../support/rows.ts";

const registry = await loadRegistry([], "/");
const columns = columnsOf("id bigint", "email varchar(60)", "old text", "note text");
const generated = { ...columnFromType("full", "text"), generated: "virtual" as const };
const steps = [
  { rename: { column: "note", to: "remark" } },
  { mask: { column: "email", keepFirst: 1 } },
  { drop: { columns: ["old"] } },
  { set: { column: "tenant", type: "int not null", value: 7 } },
  { filter: { where: { id: { gt: 1 } } } },
].map((entry, i) => {
  const [name = "", parameters] = Object.entries(entry)[0] ?? [];
  return { name, parameters, path: `[${i}].${name}` };
});
const chain = planChain("t", columns, steps, registry, { absent: [generated] });
const batch = batchOf([cellsOf("1", "a@b", "x", null), cellsOf("2", "abc", null, "n")]);

test("rows keep their counterparts, also those that are left out", () => {
  const pairs = pairRows({ chain, fresh: chain, carried: columns.length }, [batch], null);
  expect(pairs.map(({ outcome }) => outcome.kind)).toEqual(["filtered", "kept"]);
  expect(pairs.flatMap(({ varying }) => varying)).toEqual([]);
  expect(previewedRow(chain, columns, pairs[0] as RowPair, "id = 1")).toEqual({
    ...{ key: "id = 1", outcome: "filtered", error: null, changes: [] },
  });
  expect(previewedRow(chain, columns, pairs[1] as RowPair, "id = 2").changes).toEqual([
    { column: "email", before: "abc", after: "a**" },
    { column: "tenant", after: "7" },
    { column: "old", before: null },
  ]);
});

test("columns: as they are, changed, renamed, added, dropped", () => {
  expect(
    previewedColumns(chain).map(({ before, after, written }) => `${before?.name} ${after?.name} ${written}`),
  ).toEqual([
    ...["id id false", "email email true", "note remark false", "full full false", "undefined tenant true"],
    "old undefined false",
  ]);
});

test("a row by its key, long parts cut", () => {
  const cells = cellsOf("5", "it's", null, null);
  expect(keyText(columns, ["id", "email"], cells)).toBe("id = 5, email = 'it''s'");
  expect(keyText(columns, ["note"], cellsOf("1", null, null, "x".repeat(200)))).toHaveLength("note = ".length + 81);
});

describe("what is shown of a cell", () => {
  const shown = (type: string, value: Buffer): string | null => shownCell(columnFromType("c", type), value);
  test("text on one line, with nothing a terminal obeys", () => {
    expect(shown("text", Buffer.from("a\nb\\\u001b[2J\u202e"))).toBe("a\\nb\\\\\\u{1b}[2J\\u{202e}");
    expect(shownCell(columnFromType("c", "text"), null)).toBeNull();
  });
  test("60 characters at most, of bytes as hex", () => {
    expect(shown("text", Buffer.from("😀".repeat(60)))).toBe("😀".repeat(60));
    expect(shown("text", Buffer.from("😀".repeat(61)))).toBe(`${"😀".repeat(59)}…`);
    expect(shown("blob", Buffer.alloc(3))).toBe("0x000000");
    expect(shown("blob", Buffer.alloc(1000))).toBe(`0x${"0".repeat(57)}…`);
  });
});

describe("rows to show", () => {
  const pairs = (...kinds: RowPair["outcome"]["kind"][]): RowPair[] =>
    kinds.map((kind) => ({
      before: [],
      outcome: { kind, cells: [], bytes: 0, error: "" } as RowPair["outcome"],
      varying: [],
    }));
  const kept = (count: number) => Array<"kept">(count).fill("kept");

  test("come from all over the sample", () => {
    expect(rowsToShow(pairs(...kept(100)), 4)).toEqual([0, 25, 50, 75]);
    expect(rowsToShow(pairs(...kept(2)), 5)).toEqual([0, 1]);
    expect(rowsToShow([], 5)).toEqual([]);
  });
  test("have one that is left out and one that fails among them", () => {
    const mixed = pairs(...kept(9), "filtered", "filtered", ...kept(9), "failed");
    expect(rowsToShow(mixed, 4)).toEqual([0, 5, 10, 20]);
    expect(rowsToShow(mixed, 1)).toEqual([9]);
  });
});
