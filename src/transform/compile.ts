import type { RowBatch } from "../contracts/rows.ts";
import type { Column } from "../contracts/schema.ts";
import type { RowFunction } from "../contracts/transform.ts";
import { findCells } from "../mysql/cells.ts";
import { type GuardedCells, guardedCells } from "./guarded-cells.ts";
import { absentCell, noCell, rowCells, tooLong } from "./row-cells.ts";
import { type RowRoom, rowWriter } from "./row-writer.ts";
import { stepFailure } from "./step-failure.ts";

export interface CompiledStep {
  /** Its place among the configured steps, from 0. */
  readonly number: number;
  readonly label: string;
  readonly path: string;
  readonly rows: RowFunction;
  readonly writes: readonly number[];
  /** Names of the columns it writes, for errors. */
  readonly columns: readonly string[];
  /** May it drop rows? Not when only its writing has a twin: VReplication would bring them back. */
  readonly mayDrop: boolean;
  /** A user's code: it gets copies of cells, and is held to its contract. */
  readonly guarded: boolean;
}

/** Is told where a chain is at work, so that somebody else can say where it got stuck. */
export interface ChainNotes {
  /** Steps begin to work on a row; `bounds` as `findCells` fills it. */
  row(bytes: Buffer, bounds: Int32Array): void;
  /** The step of this number, among the configured ones, is called next. */
  step(number: number): void;
  /** No step is at work any more. */
  done(): void;
}

/** What a compiled chain does to a batch. */
export interface CompiledChain {
  /** All its rows as one batch: for a few rows. */
  apply(batch: RowBatch): RowBatch;
  /**
   * Its rows as batches of bounded size, however much steps add to them. With `room` each of them holds only until the next
   * one is asked for: their bytes are in the same buffer.
   */
  pieces(batch: RowBatch, notes?: ChainNotes, room?: RowRoom): Iterable<RowBatch>;
}

/** Takes batches through a chain, one after the other; disposing of it makes it ready for the next one. */
interface Machine extends Disposable {
  begin(batch: RowBatch, most: number, notes?: ChainNotes, room?: RowRoom): void;
  /** Rows of the batch that are still to come. */
  left(): number;
  /** The next rows, until they have `most` bytes. */
  next(): RowBatch;
}

const noRows: RowBatch = { bytes: Buffer.alloc(0), offsets: new Uint32Array(1), rows: 0 };

/** A batch goes out when it has become this large; the next row begins another one. */
const pieceBytes = 8 << 20;
/** How long steps may make a row, unless it came in longer than half of that. No statement can carry a longer one by default. */
const longestRow = 64 << 20;

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

/** The functions that take a batch through a chain. A chain that changes no byte gives the batch itself. */
export function compileChain(chain: ChainToCompile): CompiledChain {
  const { inputs, outputs, computed, written, steps, table, keyColumns } = chain;
  const cellOf = cellNumbers(chain);
  const carried = inputs.length + computed.length;
  const pieces = piecesOf(outputs, inputs.length, written);
  const [only] = pieces;
  const whole = only?.kind === "copy" && only.first === 0 && only.last === inputs.length - 1 && pieces.length === 1;
  if (whole && steps.length === 0 && computed.length === 0)
    return { apply: (batch) => batch, pieces: (batch) => [batch] };

  // Functions made for every batch would lose their compiled code with it: V8 throws away what was compiled for objects
  // that are gone, and compiling cost more than all the steps. So a machine serves one batch after the other.
  const idle: Machine[] = [];

  return {
    apply(batch) {
      using machine = begin(batch, Number.POSITIVE_INFINITY);
      return machine.next();
    },
    *pieces(batch, notes, room) {
      using machine = begin(batch, pieceBytes, notes, room);
      do {
        const piece = machine.next();
        if (piece.rows > 0) yield piece;
      } while (machine.left() > 0);
    },
  };

  function begin(...[batch, most, notes, room]: Parameters<Machine["begin"]>): Machine {
    const machine = idle.pop() ?? newMachine();
    machine.begin(batch, most, notes, room);
    return machine;
  }

  /** Takes one batch at a time through the chain. */
  function newMachine(): Machine {
    const bounds = new Int32Array(carried * 2);
    const cells = rowCells(bounds, cellOf, [...written]);
    const guard = steps.some(({ guarded }) => guarded) ? guardedCells(cells) : null;
    const writer = rowWriter();
    let { bytes, offsets, rows } = noRows;
    let row = 0;
    let most = 0;
    let notes: ChainNotes | undefined;
    let room: RowRoom | undefined;

    const machine: Machine = {
      begin(batch, pieceBytes, toNotes, toRoom) {
        ({ bytes, offsets, rows } = batch);
        row = 0;
        most = pieceBytes;
        notes = toNotes;
        room = toRoom;
        cells.turnTo(bytes);
      },
      left: () => rows - row,
      next() {
        writer.begin(bytes, rows - row, (offsets[rows] ?? 0) - (offsets[row] ?? 0), room);
        while (row < rows && writer.size() < most) {
          const start = offsets[row] as number;
          const end = offsets[row + 1] as number;
          row += 1;
          const found = findCells(bytes, start, end, carried, bounds);
          if (found !== end) throw new RangeError(`row of table "${table}" has more cells than ${carried} columns`);
          const limit = Math.max(longestRow, 2 * (end - start));
          if (steps.length > 0 && !runSteps(limit)) continue;
          const from = writer.size();
          // By number here and below: an iterator per row would be half of what the young generation has to collect.
          for (let i = 0; i < pieces.length; i++) {
            const piece = pieces[i] as Piece;
            if (piece.kind === "slot") writer.cell(cells.span(piece.slot));
            else {
              const { first, last } = piece;
              writer.copy(first === 0 ? start : (bounds[first * 2 - 1] as number), bounds[last * 2 + 1] as number);
            }
          }
          if (writer.size() - from > limit)
            failed(steps.at(-1) as CompiledStep, new RangeError(tooLong("the row", writer.size() - from, limit)));
          writer.endRow();
        }
        notes?.done();
        return writer.finish();
      },
      [Symbol.dispose]() {
        machine.begin(noRows, 0);
        writer.begin(noRows.bytes, 0, 0);
        idle.push(machine);
      },
    };
    return machine;

    function runSteps(limit: number): boolean {
      cells.clear(limit);
      guard?.clear();
      notes?.row(bytes, bounds);
      for (let i = 0; i < steps.length; i++) {
        const step = steps[i] as CompiledStep;
        try {
          notes?.step(step.number);
          cells.allow(step.writes);
          const keep: unknown = step.guarded && guard !== null ? guarded(step, guard) : step.rows(cells);
          cells.check(step.writes);
          if (keep === false) {
            if (step.mayDrop) return false;
            throw new TypeError("it dropped the row, but its SQL twin would not");
          }
          if (keep !== true) throw new TypeError(wrongAnswer(keep));
        } catch (cause) {
          failed(step, cause);
        }
      }
      return true;
    }

    function failed(step: CompiledStep, cause: unknown): never {
      notes?.done();
      throw stepFailure({ table, step, cause, columns: inputs, keyColumns, bytes, bounds });
    }
  }
}

function guarded(step: CompiledStep, cells: GuardedCells): unknown {
  cells.open();
  const answer: unknown = step.rows(cells);
  cells.close();
  return answer;
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
  const promised = isPromise(answer);
  // Its own failure would come to nobody; the one told here is enough.
  if (promised) answer.then(undefined, () => {});
  const what = promised
    ? "a promise (a row function has to be synchronous)"
    : Array.isArray(answer)
      ? "an array"
      : typeof answer;
  return `it returned ${what} instead of true (keep the row) or false (drop it)`;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
