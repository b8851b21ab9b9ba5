import { describe, expect, it } from "vitest";
import * as z from "zod";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import type { Column } from "../../../src/contracts/schema.ts";
import type { RowFunction, StepInput, StepPlan, TransformDefinition } from "../../../src/contracts/transform.ts";
import { type ChainOptions, missingColumns, planChain, whereabouts } from "../../../src/transform/plan-chain.ts";
import { loadRegistry, type Registry } from "../../../src/transform/registry.ts";
import { batchOf, cellsOf, columnsOf, rowsOf } from "../../support/rows.ts";

const builtIn = await loadRegistry([], "/");
const columns = columnsOf("id bigint", "ssn varchar(20)", "password text", "email varchar(190)", "note text");
type Entry = Record<string, unknown>;

function steps(...entries: Entry[]) {
  return entries.map((entry, i) => {
    const name = Object.keys(entry)[0] ?? "";
    return { name, parameters: entry[name], path: `tables.rules.people.transforms[${i}].${name}` };
  });
}

const plan = (...entries: Entry[]) => planChain("people", columns, steps(...entries), builtIn);

/** A registry with one definition made on the spot. */
function custom(make: (input: StepInput) => StepPlan): Registry {
  const definition: TransformDefinition = {
    name: "custom",
    purpose: "",
    parameters: z.unknown(),
    plan: (_, input) => make(input),
  };
  return () => ({ definition, parameters: {}, condition: null, label: "custom", source: null });
}

const planCustom = (make: (input: StepInput) => StepPlan, options?: ChainOptions, over: readonly Column[] = columns) =>
  planChain("people", over, steps({ custom: {} }), custom(make), options);

const withRows = (rows: RowFunction, options?: ChainOptions) =>
  planCustom((input) => ({ columns: input.columns, writes: [1], rows }), options);

describe("planChain", () => {
  it("follows columns by name through the steps", () => {
    const chain = plan(
      { rename: { column: "ssn", to: "national_id" } },
      { drop: { columns: ["password"] } },
      { hash: { column: "email", salt: "s" } },
      { set: { column: "tenant_id", type: "int not null", value: 7 } },
      { rename: { column: "email", to: "email_hash" } },
    );
    expect(chain.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "id bigint",
      "national_id varchar(20)",
      "email_hash char(64)",
      "note text",
      "tenant_id int",
    ]);
    expect(chain.sources).toEqual([0, 1, null, 4, null]);
    expect([chain.class, chain.decidedBy]).toEqual(["sql-twin", "tables.rules.people.transforms[2].hash"]);
    expect([...chain.twins.keys()]).toEqual([2, 4]);
    expect(chain.twins.get(4)).toBe("7");
    expect(chain.twins.get(2)).toContain("`email`");
    expect(chain.columns[2]).toMatchObject({ charset: "ascii", collation: "ascii_bin", nullable: true });
    expect(missingColumns(chain, ["id", "ssn", "password"])).toEqual(["ssn", "password"]);
    expect(whereabouts(chain, "ssn")).toEqual({ name: "national_id", untouched: true });
    expect(whereabouts(chain, "email")).toEqual({ name: "email_hash", untouched: false });
    expect(whereabouts(chain, "password")).toBeNull();
  });

  it("is identity for rename, drop and reorder, and gives an untouched batch back as it is", () => {
    const batch = batchOf([cellsOf("1", "a", "b", "c", null)]);
    expect([plan().class, plan().decidedBy]).toEqual(["identity", null]);
    expect(plan().apply(batch)).toBe(batch);
    const renamed = plan({ rename: { column: "note", to: "remark" } });
    expect([renamed.class, renamed.apply(batch)]).toEqual(["identity", batch]);
    const reordered = planCustom((input) => ({ columns: [...input.columns].reverse(), writes: [] }));
    expect([reordered.class, reordered.sources]).toEqual(["identity", [4, 3, 2, 1, 0]]);
    expect(rowsOf(reordered.apply(batch), 5)).toEqual([cellsOf(null, "c", "b", "a", "1")]);
  });

  it("has a fingerprint of everything that shapes rows, and of nothing else", () => {
    const hash = (parameters: object) => plan({ hash: { column: "email", ...parameters } }).fingerprint;
    expect(hash({ salt: "a", encoding: "hex" })).toBe(plan({ hash: { salt: "a", column: "email" } }).fingerprint);
    const all = [
      hash({ salt: "a" }),
      hash({ salt: "b" }),
      hash({ salt: "a", encoding: "base64" }),
      plan().fingerprint,
      planChain("people", columns.slice(1), [], builtIn).fingerprint,
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([
    [
      [{ drop: { columns: ["pasword"] } }],
      'Table "people" has no column "pasword" at this step. Did you mean "password"?',
    ],
    [
      [{ drop: { columns: ["ssn"] } }, { hash: { column: "ssn", salt: "s" } }],
      'transforms[1].hash: Table "people" has no column "ssn"',
    ],
    [[{ rename: { column: "ssn", to: "EMAIL" } }], 'cannot be renamed to "EMAIL", because there is a column "email"'],
    [[{ drop: { columns: columns.map(({ name }) => name) } }], "drop would leave no column"],
    [[{ set: { column: "tenant", value: 7 } }], 'has no column "tenant"'],
    [[{ set: { column: "tenant", type: "intt", value: 7 } }], '"intt" is not a MySQL column type'],
    [[{ set: { column: "tenant", type: "int auto_increment", value: 7 } }], "AUTO_INCREMENT"],
  ])("refuses %j", (entries, message) => {
    expect(() => plan(...(entries as Entry[]))).toThrow(message);
  });

  it("holds a definition to its contract", () => {
    const refuses = (make: (input: StepInput) => StepPlan, message: string, options?: ChainOptions) =>
      expect(() => planCustom(make, options)).toThrow(message);
    refuses(() => ({}) as StepPlan, "did not return columns and writes");
    refuses((i) => ({ columns: [...i.columns, i.column("id")], writes: [] }), 'two columns called "id"');
    refuses((i) => ({ columns: [...i.columns, { ...i.column("id"), name: "x" }], writes: [] }), "the same slot");
    refuses((i) => ({ columns: [{ ...i.column("id"), slot: 99 }], writes: [] }), "slot of no column");
    refuses((i) => ({ columns: i.columns, writes: [1] }), "no rows function");
    refuses((i) => ({ columns: [...i.columns, i.newColumn("ID", "int")], writes: [] }), 'has a column "ID" already');
    refuses((i) => ({ columns: i.columns, writes: [1], rows: () => true, twin: () => new Map() }), "leaves out slot 1");
  });

  it("lets generated columns be renamed and dropped, never written", () => {
    const [id, a] = columnsOf("id bigint", "a int") as [Column, Column];
    const carried: Column = { ...a, name: "g", generated: "stored" };
    const absent: Column = { ...a, name: "v", generated: "virtual" };
    const over = (...entries: Entry[]) =>
      planChain("t", [id, carried], steps(...entries), builtIn, { absent: [absent] });
    const chain = over({ rename: { column: "v", to: "w" } }, { rename: { column: "g", to: "h" } });
    expect(chain.columns.map(({ name, generated }) => [name, generated])).toEqual([
      ["id", null],
      ["h", "stored"],
    ]);
    expect(chain.tableColumns.map(({ column, from }) => [column.name, from])).toEqual([
      ["id", "id"],
      ["h", "g"],
      ["w", "v"],
    ]);
    expect(over({ drop: { columns: ["v"] } }).tableColumns).toHaveLength(2);
    expect(() => over({ hash: { column: "v", salt: "s" } })).toThrow('Column "v" is generated');
    expect(() => over({ hash: { column: "g", salt: "s" } })).toThrow('Column "g" is generated');
    const set = over({ set: { column: "n", type: "int", value: 1 } });
    expect(rowsOf(set.apply(batchOf([cellsOf("1", "2")])), 3)).toEqual([cellsOf("1", "2", "1")]);
  });
});

describe("a step that fails", () => {
  const batch = batchOf([cellsOf("1", "a", "b", "c", null), cellsOf("42", "a", "b", "c", null)]);
  const failure = (rows: RowFunction, keyColumns = ["id"]): VtpipeError => {
    try {
      withRows(rows, { keyColumns }).apply(batch);
    } catch (error) {
      if (error instanceof VtpipeError && error.code === "transform") return error;
      throw error;
    }
    throw new Error("expected a failure");
  };

  it("is named with table, step and key", () => {
    let row = 0;
    const error = failure(() => {
      if (++row === 2) throw new Error("too much");
      return true;
    });
    expect(error.message).toBe(
      'Table "people": transform custom (tables.rules.people.transforms[0].custom) failed on the row with id = 42: too much',
    );
    expect(error.context).toMatchObject({ table: "people", column: "ssn", key: "id = 42" });
    expect(failure(() => JSON.parse("{"), []).message).toContain("failed on a row:");
  });

  it.each<[string, RowFunction, string]>([
    ["answers nothing", (() => undefined) as unknown as RowFunction, "it returned undefined instead of true"],
    ["leaks a promise", (async () => true) as unknown as RowFunction, "it returned a promise"],
    [
      "leaks a promise that fails",
      (async () => {
        throw new Error("late");
      }) as unknown as RowFunction,
      "it returned a promise",
    ],
    [
      "sets a text",
      (row) => {
        row.set(1, "text" as never);
        return true;
      },
      "to a string instead of bytes",
    ],
    [
      "sets an undeclared slot",
      (row) => {
        row.set(0, null);
        return true;
      },
      "slot 0, which is not among its writes",
    ],
    ["asks for a slot that is none", (row) => row.get(77) === null, "slot 77, and there are 5"],
  ])("because it %s", (_, rows, message) => {
    expect(failure(rows).message).toContain(message);
  });

  it("does not hide a damaged row", () => {
    const damaged = { ...batch, offsets: Uint32Array.of(0, 5, batch.bytes.length) };
    expect(() => withRows(() => true).apply(damaged)).toThrow(RangeError);
    const short = planChain("people", columns.slice(0, 3), steps({ drop: { columns: ["ssn"] } }), builtIn);
    expect(() => short.apply(batch)).toThrow("more cells than 3 columns");
  });
});

describe("a row function", () => {
  it("drops rows by answering false, and makes the table js-only", () => {
    const chain = planCustom((input) => {
      const { slot } = input.column("id");
      return { columns: input.columns, writes: [], rows: (row) => Buffer.from(row.get(slot) ?? "").toString() !== "2" };
    });
    expect(chain.class).toBe("js-only");
    const rows = ["1", "2", "3"].map((id) => cellsOf(id, "a", null, "c", ""));
    expect(rowsOf(chain.apply(batchOf(rows)), 5)).toEqual([rows[0], rows[2]]);
  });
});
