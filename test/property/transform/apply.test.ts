import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { ChainColumn, StepInput, StepPlan, TransformDefinition } from "../../../src/contracts/transform.ts";
import { planChain } from "../../../src/transform/plan-chain.ts";
import type { Registry } from "../../../src/transform/registry.ts";
import { newRowRoom } from "../../../src/transform/row-writer.ts";
import { batchOf, type CellRow, columnsOf, rowsOf } from "../../support/rows.ts";

/** One random change of a chain, by names, and what it does to rows seen as plain records. */
type Change =
  | { readonly kind: "drop"; readonly at: number }
  | { readonly kind: "rename"; readonly at: number }
  | { readonly kind: "move"; readonly at: number; readonly to: number }
  | { readonly kind: "write"; readonly at: number; readonly value: Uint8Array | null }
  | { readonly kind: "double"; readonly at: number }
  /** By places in buffers: written backwards, and without its first and last byte. */
  | { readonly kind: "reverse"; readonly at: number }
  | { readonly kind: "peel"; readonly at: number }
  | { readonly kind: "add"; readonly value: Uint8Array | null }
  | { readonly kind: "keep-long"; readonly at: number; readonly least: number };

const lengths = fc.oneof(
  { weight: 8, arbitrary: fc.nat(40) },
  { weight: 2, arbitrary: fc.constantFrom(0, 249, 250, 251, 252, 65_534, 65_535, 65_536) },
);
const cell = fc.option(
  fc.tuple(lengths, fc.nat(255)).map(([length, seed]) => Buffer.alloc(length).map((_, i) => (seed + i * 31) & 255)),
  { nil: null },
);
const at = fc.nat(20);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("drop" as const), at }),
  fc.record({ kind: fc.constant("rename" as const), at }),
  fc.record({ kind: fc.constant("move" as const), at, to: at }),
  fc.record({ kind: fc.constant("write" as const), at, value: cell }),
  fc.record({ kind: fc.constant("double" as const), at }),
  fc.record({ kind: fc.constant("reverse" as const), at }),
  fc.record({ kind: fc.constant("peel" as const), at }),
  fc.record({ kind: fc.constant("add" as const), value: cell }),
  fc.record({ kind: fc.constant("keep-long" as const), at, least: fc.nat(20) }),
);
const table = fc.integer({ min: 1, max: 7 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 8 }),
    changes: fc.array(change, { maxLength: 6 }),
  }),
);

let fresh = 0;

function planOf(change: Change, { columns, newColumn }: StepInput): StepPlan {
  const index = "at" in change ? change.at % columns.length : 0;
  const column = columns[index] as ChainColumn;
  switch (change.kind) {
    case "drop":
      return { columns: columns.length === 1 ? columns : columns.filter((c) => c !== column), writes: [] };
    case "rename":
      return { columns: columns.map((c) => (c === column ? { ...c, name: `n${fresh++}` } : c)), writes: [] };
    case "move": {
      const rest = columns.filter((c) => c !== column);
      return { columns: rest.toSpliced(change.to % columns.length, 0, column), writes: [] };
    }
    case "write":
      return {
        columns,
        writes: [column.slot],
        rows: (row) => {
          row.set(column.slot, change.value);
          return true;
        },
      };
    case "double":
      return {
        columns,
        writes: [column.slot],
        rows: (row) => {
          const value = row.get(column.slot);
          if (value !== null) row.set(column.slot, Buffer.concat([value, value]));
          return true;
        },
      };
    case "reverse":
      return {
        columns,
        writes: [column.slot],
        rows: (row) => {
          const cell = row.span(column.slot);
          if (cell === null) return true;
          const { bytes, start, end } = cell;
          // More than is used: what is left over belongs to nobody.
          const made = row.write(column.slot, end - start + 3);
          for (let i = end - 1; i >= start; i--) made.bytes[made.end++] = bytes[i] as number;
          return true;
        },
      };
    case "peel":
      return {
        columns,
        writes: [column.slot],
        rows: (row) => {
          const cell = row.span(column.slot);
          if (cell !== null && cell.end - cell.start > 1) row.cut(column.slot, 1, cell.end - cell.start - 1);
          return true;
        },
      };
    case "add": {
      const added = newColumn(`n${fresh++}`, "longblob");
      return {
        columns: [...columns, added],
        writes: [added.slot],
        rows: (row) => {
          if (change.value !== null) row.set(added.slot, change.value);
          return true;
        },
      };
    }
    case "keep-long":
      return { columns, writes: [], rows: (row) => (row.get(column.slot)?.length ?? 0) >= change.least };
  }
}

/** The same by arrays of cells, one row at a time. */
function naive(rows: readonly CellRow[], width: number, changes: readonly Change[]): CellRow[] {
  let now = rows.map((row) => [...row]);
  let columns = width;
  for (const change of changes) {
    const index = "at" in change ? change.at % columns : 0;
    if (change.kind === "drop" && columns > 1) {
      now = now.map((row) => row.toSpliced(index, 1));
      columns -= 1;
    } else if (change.kind === "move") {
      const to = change.to % columns;
      now = now.map((row) => row.toSpliced(index, 1).toSpliced(to, 0, row[index] ?? null));
    } else if (change.kind === "write") now = now.map((row) => row.with(index, change.value));
    else if (change.kind === "double") {
      now = now.map((row) => {
        const value = row[index] ?? null;
        return row.with(index, value && Buffer.concat([value, value]));
      });
    } else if (change.kind === "reverse" || change.kind === "peel") {
      now = now.map((row) => {
        const value = row[index] ?? null;
        if (value === null) return row;
        if (change.kind === "reverse") return row.with(index, Buffer.from(value).reverse());
        return value.length < 2 ? row : row.with(index, value.subarray(1, -1));
      });
    } else if (change.kind === "add") {
      now = now.map((row) => [...row, change.value]);
      columns += 1;
    } else if (change.kind === "keep-long") now = now.filter((row) => (row[index]?.length ?? 0) >= change.least);
  }
  return now;
}

function plan(width: number, changes: readonly Change[], guarded = false) {
  const columns = columnsOf(...Array.from({ length: width }, (_, i) => `c${i} longblob`));
  const steps = changes.map((_, i) => ({ name: "change", parameters: i, path: `step ${i}` }));
  const registry: Registry = (step) => {
    const made = changes[step.parameters as number] as Change;
    const definition: TransformDefinition = {
      name: made.kind,
      purpose: "",
      parameters: z.unknown(),
      plan: (_, input) => planOf(made, input),
    };
    return { definition, parameters: null, condition: null, label: made.kind, source: guarded ? "a module" : null };
  };
  return planChain("t", columns, steps, registry);
}

describe("apply", () => {
  it("does what a naive implementation does, byte for byte", () => {
    fc.assert(
      fc.property(table, fc.boolean(), ({ width, rows, changes }, guarded) => {
        const chain = plan(width, changes, guarded);
        const batch = batchOf(rows);
        const before = Buffer.from(batch.bytes);
        const out = chain.apply(batch);
        const expected = batchOf(naive(rows, width, changes));
        expect(out.rows).toBe(expected.rows);
        expect(out.bytes.equals(expected.bytes)).toBe(true);
        expect([...out.offsets.subarray(0, out.rows + 1)]).toEqual([...expected.offsets]);
        expect(batch.bytes.equals(before)).toBe(true);
        expect(rowsOf(out, chain.columns.length)).toHaveLength(expected.rows);
      }),
      { numRuns: 400 },
    );
  });

  it("takes one batch after the other, also into the same room and with another one begun in between", () => {
    fc.assert(
      fc.property(fc.array(table, { minLength: 2, maxLength: 4 }), fc.boolean(), (tables, guarded) => {
        const { width, changes } = tables[0] as (typeof tables)[number];
        const chain = plan(width, changes, guarded);
        const room = newRowRoom();
        for (const { rows: more } of tables) {
          const rows = more.map((row) => Array.from({ length: width }, (_, i) => row[i] ?? null));
          const expected = batchOf(naive(rows, width, changes)).bytes;
          const found: Buffer[] = [];
          for (const piece of chain.pieces(batchOf(rows), undefined, room)) {
            expect(chain.apply(batchOf(rows)).bytes.equals(expected)).toBe(true);
            found.push(Buffer.from(piece.bytes));
          }
          expect(Buffer.concat(found).equals(expected)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("knows which output cells are untouched copies, and of what", () => {
    fc.assert(
      fc.property(table, ({ width, rows, changes }) => {
        const kept = changes.filter(({ kind }) => kind !== "keep-long");
        const chain = plan(width, kept);
        const out = rowsOf(chain.apply(batchOf(rows)), chain.columns.length);
        chain.sources.forEach((source, i) => {
          if (source === null) return;
          rows.forEach((row, r) => {
            const [found, wanted] = [out[r]?.[i] ?? null, row[source] ?? null];
            expect(wanted === null ? found === null : found?.equals(wanted)).toBe(true);
          });
        });
        const writes = kept.some(({ kind }) => !["drop", "rename", "move"].includes(kind));
        expect(chain.class).toBe(writes ? "js-only" : "identity");
      }),
      { numRuns: 200 },
    );
  });
});
