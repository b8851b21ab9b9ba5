import type { RowBatch } from "../contracts/rows.ts";
import type { Column } from "../contracts/schema.ts";
import type { RowFunction } from "../contracts/transform.ts";
import { findCells } from "../mysql/cells.ts";
import { absentCell, noCell, rowCells } from "./row-cells.ts";
import { rowWriter } from "./row-writer.ts";
import { stepFailure } from "./step-failure.ts";

export interface CompiledStep {
  readonly label: string;
  readonly path: string;
  readonly rows: RowFunction;
  readonly writes: readonly number[];
  /** May it drop rows? Not when only its writing has a twin: VReplication would bring them back. */
  readonly mayDrop: boolean;
}

export interface ChainToCompile {
  readonly table: string;
  /** Columns of the incoming rows; slot i is cell i. */
  readonly inputs: readonly Column[];
  /** Slots of the cells after those: columns the rows do not carry have none, computed values have. */
  readonly absent: readonly number[];
  readonly computed: readonly number[];
  /** Slots of the outgoing cells, in order. */
  readonly outputs: readonly number[];
  /** How many slots there are, new columns included. */
  readonly slots: number;
  readonly written: ReadonlySet<number>;
  readonly steps: readonly CompiledStep[];
  readonly keyColumns: readonly string[];
}

/** A run of neighbouring input cells that go out as they came, or one cell that a step writes. */
export type Piece =
  | { readonly kind: "copy"; readonly first: number; readonly last: number }
  | { readonly kind: "slot"; readonly slot: number };

/** The outgoing row as few pieces as possible: neighbours that stay neighbours are one copy. */
export function piecesOf(outputs: readonly number[], inputs: number, written: ReadonlySet<number>): Piece[] {
  const pieces: Piece[] = [];
  for (const slot of outputs) {
    const before = pieces.at(-1);
    if (slot >= inputs || written.has(slot)) pieces.push({ kind: "slot", slot });
    else if (before?.kind === "copy" && before.last === slot - 1) pieces[pieces.length - 1] = { ...before, last: slot };
    else pieces.push({ kind: "copy", first: slot, last: slot });
  }
  return pieces;
}

/** The function that takes a batch through a chain. A chain that changes no byte gives the batch itself. */
export function compileChain(chain: ChainToCompile): (batch: RowBatch) => RowBatch {
  const { inputs, outputs, computed, written, steps, table, keyColumns } = chain;
  const cellOf = cellNumbers(chain);
  const carried = inputs.length + computed.length;
  const pieces = piecesOf(outputs, inputs.length, written);
  const [only] = pieces;
  const whole = only?.kind === "copy" && only.first === 0 && only.last === inputs.length - 1 && pieces.length === 1;
  if (whole && steps.length === 0 && computed.length === 0) return (batch) => batch;

  return (batch) => {
    const { bytes, offsets, rows } = batch;
    const bounds = new Int32Array(carried * 2);
    /** `edges[i]` is where cell i starts with its prefix, `edges[i + 1]` where it ends. */
    const edges = new Int32Array(inputs.length + 1);
    const cells = rowCells(bytes, bounds, cellOf);
    const writer = rowWriter(bytes, rows, offsets[rows] ?? 0);
    for (let row = 0; row < rows; row++) {
      const start = offsets[row] as number;
      const end = offsets[row + 1] as number;
      const found = findCells(bytes, start, end, carried, bounds);
      if (found !== end) throw new RangeError(`row of table "${table}" has more cells than ${carried} columns`);
      edges[0] = start;
      for (let i = 0, at = start; i < inputs.length; i++) {
        at = bounds[i * 2] === -1 ? at + 1 : (bounds[i * 2 + 1] as number);
        edges[i + 1] = at;
      }
      if (steps.length > 0 && !runSteps()) continue;
      for (const piece of pieces) {
        if (piece.kind === "copy") writer.copy(edges[piece.first] as number, edges[piece.last + 1] as number);
        else writer.cell(cells.get(piece.slot));
      }
      writer.endRow();
    }
    return writer.finish();

    function runSteps(): boolean {
      cells.clear();
      for (const step of steps) {
        try {
          cells.allow(step.writes);
          const keep: unknown = step.rows(cells);
          if (keep === false) {
            if (step.mayDrop) return false;
            throw new TypeError("it dropped the row, but its SQL twin would not");
          }
          if (keep !== true) throw new TypeError(wrongAnswer(keep));
        } catch (cause) {
          throw stepFailure({ table, step, cause, columns: inputs, keyColumns, bytes, bounds });
        }
      }
      return true;
    }
  };
}

/** Per slot the number of its cell in a row. */
function cellNumbers({ inputs, absent, computed, slots }: ChainToCompile): Int32Array {
  const cellOf = new Int32Array(slots).fill(noCell);
  for (const cell of inputs.keys()) cellOf[cell] = cell;
  for (const slot of absent) cellOf[slot] = absentCell;
  for (const [i, slot] of computed.entries()) cellOf[slot] = inputs.length + i;
  return cellOf;
}

function wrongAnswer(answer: unknown): string {
  const what = answer instanceof Promise ? "a promise (a row function has to be synchronous)" : typeof answer;
  if (answer instanceof Promise) answer.catch(() => {});
  return `it returned ${what} instead of true (keep the row) or false (drop it)`;
}
