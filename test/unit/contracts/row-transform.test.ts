import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineRowTransform } from "../../../src/contracts/row-transform.ts";
import type { ConfiguredStep, TransformDefinition } from "../../../src/contracts/transform.ts";
import { type ChainPlan, planChain } from "../../../src/transform/plan-chain.ts";
import { batchOf, cellsOf, columnsOf, rowsOf } from "../../support/rows.ts";

interface People {
  id: `${bigint}`;
  name: string;
  note: string | null;
  photo: Uint8Array | null;
  readonly name_length: `${bigint}`;
}

const columns = columnsOf("id bigint not null", "name varchar(40) not null", "note text", "photo blob");
const step: ConfiguredStep = { name: "use", parameters: {}, path: "tables.rules.people.transforms[0].use" };

function plan<P>(definition: TransformDefinition<P>, parameters: unknown = {}): ChainPlan {
  const resolved = {
    definition: definition as unknown as TransformDefinition,
    parameters: definition.parameters.parse(parameters),
    condition: null,
    label: "use ./it.ts",
    source: null,
  };
  return planChain("people", columns, [step], () => resolved, { keyColumns: ["id"] });
}

const people = defineRowTransform<People>();
const anyone = { name: "it", purpose: "Tries." };
const rows = (chain: ChainPlan, ...given: (Buffer | null)[][]) =>
  rowsOf(chain.apply(batchOf(given)), chain.columns.length);

describe("defineRowTransform", () => {
  it("gives and takes text and bytes by the names of columns", () => {
    const chain = plan(
      people({
        ...anyone,
        parameters: z.strictObject({ mark: z.string() }),
        reads: ["id", "name"],
        writes: ["note", "photo"],
        adds: { initials: "varchar(20)", double: "bigint not null" },
        row(row, { mark }) {
          row.initials = row.name[0] ?? null;
          row.double = `${BigInt(row.id) * 2n}`;
          row.note = row.note === null ? null : `${row.note}${mark}`;
          row.photo = row.photo === null ? Buffer.from([0xff]) : row.photo.subarray(1);
          return row.name !== "gone";
        },
      }),
      { mark: "–é" },
    );
    expect(chain.columns.map(({ name, type }) => `${name} ${type}`).slice(4)).toEqual([
      "initials varchar(20)",
      "double bigint",
    ]);
    expect(chain.class).toBe("js-only");
    expect(chain.sources).toEqual([0, 1, null, null, null, null]);
    const made = rows(chain, [...cellsOf("9007199254740993", "Ülf", "a"), null], cellsOf("2", "gone", null, null), [
      ...cellsOf("3", "", null),
      Buffer.from([0, 0xfe]),
    ]);
    expect(made).toEqual([
      [...cellsOf("9007199254740993", "Ülf", "a–é"), Buffer.from([0xff]), ...cellsOf("Ü", "18014398509481986")],
      [...cellsOf("3", "", null), Buffer.from([0xfe]), ...cellsOf(null, "6")],
    ]);
  });

  it("tells what it looks at and what it writes", () => {
    const { plan } = people({ ...anyone, reads: ["id"], writes: ["note"], adds: { x: "int" }, row: () => true });
    const found = new Map(columns.map((column, slot) => [column.name, { ...column, slot }]));
    const made = plan({}, {
      columns: [...found.values()],
      column: (name: string) => found.get(name),
      newColumn: () => ({ slot: 7 }),
    } as never);
    expect([made.reads, made.writes]).toEqual([[0], [2, 7]]);
  });

  it("says of itself what a definition may say", () => {
    const facts = { accepts: null, nulls: "Stay.", twin: "None.", collisions: "None." };
    const said = { facts, hides: false, varies: "It asks a clock." };
    expect(people({ ...anyone, ...said, row: () => true })).toMatchObject({ ...anyone, ...said });
    expect(Object.keys(people({ ...anyone, row: () => true }))).toEqual(["name", "purpose", "parameters", "plan"]);
  });

  it("leaves parameters out unless it has some", () => {
    expect(people({ ...anyone, row: () => true }).parameters.safeParse({ mark: "x" }).success).toBe(false);
  });

  const setting = (name: string, value: unknown) => (row: object) => {
    (row as Record<string, unknown>)[name] = value;
    return true;
  };

  it.each([
    ["a number", 'column "note" to a number', setting("note", 5)],
    ["nothing", 'column "note" to undefined', setting("note", undefined)],
    ["a column it does not write", "name", setting("name", "x")],
    ["a column it does not have", "nmae", setting("nmae", "x")],
    ["a promise", "promise", (async () => true) as unknown as () => boolean],
  ])("refuses %s at run time, naming table, step and key", (_, said, row) => {
    const chain = plan(people({ ...anyone, reads: ["name"], writes: ["note"], row }));
    const failing = (): unknown => rows(chain, cellsOf("7", "a", "b", null));
    expect(failing).toThrow(said);
    expect(failing).toThrow('Table "people": transform use ./it.ts (tables.rules.people.transforms[0].use)');
    expect(failing).toThrow("id = 7");
  });

  it("refuses a column that the table does not have, before any row", () => {
    const definition = defineRowTransform<{ nmae: string }>()({ ...anyone, reads: ["nmae"], row: () => true });
    expect(() => plan(definition)).toThrow(/has no column "nmae" at this step\..*"name"/);
  });
});
