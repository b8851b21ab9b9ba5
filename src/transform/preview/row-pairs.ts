import { asVtpipeError } from "../../contracts/errors.ts";
import type { RowBatch } from "../../contracts/rows.ts";
import type { Column } from "../../contracts/schema.ts";
import { findCells } from "../../mysql/cells.ts";
import { cellLiteral } from "../../mysql/literal.ts";
import type { ChainNotes } from "../compile.ts";
import type { ChainPlan } from "../plan-chain.ts";

export type Cells = readonly (Uint8Array | null)[];

/** What the chain makes of one row. */
export type RowOutcome =
  | { readonly kind: "kept"; readonly cells: Cells; readonly bytes: number }
  | { readonly kind: "filtered" }
  | { readonly kind: "failed"; readonly error: string };

/** One row of the sample, before and after. */
export interface RowPair {
  readonly before: Cells;
  readonly outcome: RowOutcome;
  /** Columns that came out different another time; `null` for the row as a whole: kept, left out or failed. */
  readonly varying: readonly (string | null)[];
}

/** The chain under test. */
export interface PairedChains {
  readonly chain: ChainPlan;
  /** The same chain made anew, as another worker would make it. */
  readonly fresh: ChainPlan;
  /** How many columns of the table rows carry. */
  readonly carried: number;
  /** Told of each row and step. */
  readonly notes?: ChainNotes;
}

/**
 * Takes rows through a chain one by one, so that each keeps its counterpart and a failing one stops nothing: twice through
 * `chain`, and once through `fresh`. `reread` are the same rows read once more, for what the source computes.
 */
export function pairRows(
  { chain, fresh, carried, notes }: PairedChains,
  batches: readonly RowBatch[],
  reread: readonly RowBatch[] | null,
): RowPair[] {
  const rows = batches.flatMap(singleRows);
  const again = reread?.flatMap(singleRows) ?? rows;
  const first = rows.map((row) => tryRow(chain, row, notes));
  const second = again.map((row) => tryRow(chain, row, notes));
  const third = rows.map((row) => tryRow(fresh, row, notes));
  return rows.map((row, i) => {
    const outcome = first[i] as RowOutcome;
    const others = [second[i], third[i]].filter((other) => other !== undefined);
    const varying = new Set(others.flatMap((other) => differences(chain.columns, outcome, other)));
    return { before: cellsOf(row, carried), outcome, varying: [...varying] };
  });
}

/** Columns in which two outcomes for one row differ; null stands for the row itself. */
function differences(columns: readonly Column[], a: RowOutcome, b: RowOutcome): (string | null)[] {
  if (a.kind !== b.kind) return [null];
  if (a.kind !== "kept" || b.kind !== "kept") return [];
  return columns.flatMap(({ name }, i) => (sameBytes(a.cells[i] ?? null, b.cells[i] ?? null) ? [] : [name]));
}

export function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

/** What becomes of one row, by itself. Errors that are no step's are thrown. */
export function tryRow(chain: ChainPlan, row: RowBatch, notes?: ChainNotes): RowOutcome {
  try {
    const [made] = chain.pieces(row, notes);
    if (made === undefined) return { kind: "filtered" };
    return { kind: "kept", cells: cellsOf(made, chain.columns.length), bytes: made.bytes.length };
  } catch (thrown) {
    notes?.done();
    const error = asVtpipeError(thrown);
    if (error.code !== "transform") throw error;
    return { kind: "failed", error: error.message };
  }
}

/** Each row of a batch as a batch of its own. */
export function singleRows({ bytes, offsets, rows }: RowBatch): RowBatch[] {
  return Array.from({ length: rows }, (_, i) => {
    const row = bytes.subarray(offsets[i], offsets[i + 1]);
    return { bytes: row, offsets: Uint32Array.of(0, row.length), rows: 1 };
  });
}

/** The first `count` cells of a batch's row, as views of its bytes. */
export function cellsOf({ bytes, offsets }: RowBatch, count: number, row = 0): Cells {
  const bounds = new Int32Array(count * 2);
  findCells(bytes, offsets[row] as number, offsets[row + 1] as number, count, bounds);
  return Array.from({ length: count }, (_, i) => {
    const start = bounds[i * 2] as number;
    return start === -1 ? null : bytes.subarray(start, bounds[i * 2 + 1]);
  });
}

const longestKeyPart = 80;

/** A row by its key for people: `id = 42, kind = 'x'`; empty without a key. */
export function keyText(columns: readonly Column[], key: readonly string[], cells: Cells): string {
  return key
    .map((name) => {
      const at = columns.findIndex((column) => column.name === name);
      const literal = at === -1 ? "?" : cellLiteral(columns[at] as Column, cells[at] ?? null);
      return `${name} = ${literal.length > longestKeyPart ? `${literal.slice(0, longestKeyPart)}…` : literal}`;
    })
    .join(", ");
}
