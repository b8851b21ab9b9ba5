import { asVtpipeError, VtpipeError } from "../contracts/errors.ts";
import type { RowBatch } from "../contracts/rows.ts";
import { duplicateError, exhaustedError, refusedError } from "./load-errors.ts";
import type { ModedRows } from "./load-mode.ts";
import type { StatementSize } from "./pace-bounds.ts";
import { type Retries, type RetryLimits, startRetries } from "./retry.ts";
import { bytesOf, selectRows, sliceRows } from "./row-select.ts";
import { encodeWithin, type SendContext, sendRows } from "./send-rows.ts";
import type { Lease } from "./session-pool.ts";
import type { Strategy } from "./strategy.ts";
import { type Refusal, type Trouble, troubleOf } from "./trouble.ts";

/** Everything a delivery needs; one per chunk. */
export interface DeliveryContext extends SendContext {
  readonly limits: RetryLimits;
  readonly signal: AbortSignal | undefined;
  /** May rows of this chunk be on the target from an earlier try? */
  readonly recover: boolean;
  split(rows: RowBatch): ModedRows[];
  /** What a statement may hold now. */
  size(): StatementSize;
  counted(what: "statement" | "retry"): void;
}

/** Statements are not cut below this many rows when the target is slow. */
const FEWEST_ROWS = 50;
/** Keys of one look-up, however many rows the statement has. */
const KEYS_LOOKED_UP = 1000;
/** Looks after which a key that is neither ours nor free is a collision. */
const LOOKS = 3;

/** Rows that go in one statement, and what is known of them. */
interface Unit extends ModedRows {
  /** Surely not on the target yet? */
  readonly sure: boolean;
}

/**
 * Inserts the rows of a table with a key, each exactly once. A statement is atomic, so as long as every answer is clear
 * nothing is looked up; after an unclear one the keys on the target say which rows are missing.
 */
export async function deliverKeyed(lease: Lease, rows: RowBatch, context: DeliveryContext): Promise<void> {
  const units: Unit[] = context.split(rows).map((part) => ({ ...part, sure: !context.recover }));
  for (let unit = units.shift(); unit !== undefined; unit = units.shift()) {
    units.unshift(...(await deliverUnit(lease, unit, context)));
  }
}

/** Returns what is left to do in smaller statements; mostly nothing. */
async function deliverUnit(lease: Lease, unit: Unit, context: DeliveryContext): Promise<Unit[]> {
  const { place, choice } = context;
  const retries = startRetries(context.limits);
  let { rows, sure } = unit;
  let collisions = 0;
  let instead: Strategy | null = null;
  for (;;) {
    const strategy = instead ?? choice.next(bytesOf(rows));
    try {
      const session = await lease.session();
      if (!sure) rows = await missingRows(rows, session, context);
      if (rows.rows === 0) return [];
      const encoded = encodeWithin(rows, strategy, context);
      if (encoded === null) return halves({ ...unit, rows, sure });
      context.counted("statement");
      await sendRows(session, { rows, mode: unit.mode }, encoded, context);
      if (instead !== null) dropOthers(context, instead);
      return [];
    } catch (error) {
      const trouble = troubleOf(error);
      if (isOurs(error)) throw error;
      switch (trouble.kind) {
        case "duplicate":
          if (sure || ++collisions >= LOOKS) throw duplicateError(place, error);
          break;
        case "unsupported":
        case "fatal":
          // The other strategy may be taken, and its refusal is the clearer one.
          if (instead !== null || choice.otherThan(strategy) === null) throw refusedError(place, rows, error);
          instead = choice.otherThan(strategy);
          break;
        case "again":
          sure &&= trouble.applied === "no";
          if (trouble.refusal === "payload" && rows.rows === 1) throw refusedError(place, rows, error);
          if (isTooMuch(trouble.refusal, rows.rows)) {
            await again(error, trouble, lease, retries, context);
            return halves({ ...unit, rows, sure });
          }
      }
      await again(error, trouble, lease, retries, context);
    }
  }
}

/** Would the same rows be taken in smaller statements? Neither places nor rate depend on a statement's size. */
function isTooMuch(refusal: Refusal | null, rows: number): boolean {
  return (refusal === "payload" && rows > 1) || (refusal === "time" && rows > FEWEST_ROWS);
}

/** An error raised by the loader itself about rows, not an answer of the server. */
export function isOurs(error: unknown): boolean {
  return error instanceof VtpipeError && error.context["chunk"] !== undefined;
}

/** Waits before the next try, or throws when it was enough. */
export async function again(
  error: unknown,
  trouble: Trouble,
  lease: Lease,
  retries: Retries,
  context: DeliveryContext,
): Promise<void> {
  if (trouble.kind === "again") {
    if (trouble.gone) lease.discard();
    if (trouble.refusal !== null) context.refused(trouble.refusal);
  }
  context.counted("retry");
  if (context.signal?.aborted) throw stopped();
  try {
    if (await retries.pause(context.signal)) return;
  } catch {
    throw stopped();
  }
  throw exhaustedError(context.place, error, retries.failures);
}

export function stopped(): VtpipeError {
  return new VtpipeError({
    code: "interrupted",
    message: "Loading was stopped on request.",
    now: "Some rows of the chunks in work may be on the target.",
    todo: "Run the same command again: it continues exactly.",
  });
}

async function missingRows(
  rows: RowBatch,
  session: Awaited<ReturnType<Lease["session"]>>,
  { place }: DeliveryContext,
): Promise<RowBatch> {
  const { keys } = place;
  if (keys === null) throw asVtpipeError(new Error(`table ${place.table.name} is delivered by key but has none`));
  const missing: number[] = [];
  for (let from = 0; from < rows.rows; from += KEYS_LOOKED_UP) {
    const to = Math.min(from + KEYS_LOOKED_UP, rows.rows);
    const present = await keys.present(session, sliceRows(rows, from, to));
    for (let row = from; row < to; row++) if (!present.has(keys.bytesOf(rows, row))) missing.push(row);
  }
  return missing.length === rows.rows ? rows : selectRows(rows, missing);
}

/** The same rows in two. */
export function halves<T extends ModedRows>(unit: T): T[] {
  const middle = unit.rows.rows >>> 1;
  return [
    { ...unit, rows: sliceRows(unit.rows, 0, middle) },
    { ...unit, rows: sliceRows(unit.rows, middle, unit.rows.rows) },
  ];
}

function dropOthers({ choice }: DeliveryContext, taken: Strategy): void {
  const other = choice.otherThan(taken);
  if (other !== null) {
    choice.refuse(other, `the target refused a statement made by ${other.name} and took ${taken.name}`);
  }
}
