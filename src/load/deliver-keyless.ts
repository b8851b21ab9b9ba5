import { VtpipeError } from "../contracts/errors.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { Session } from "../mysql/session.ts";
import { again, type DeliveryContext, halves, isOurs } from "./deliver.ts";
import { findPart, type LedgerPart, ledgerInsert } from "./ledger-table.ts";
import { duplicateError, type LoadPlace, refusedError } from "./load-errors.ts";
import type { ModedRows } from "./load-mode.ts";
import { startRetries } from "./retry.ts";
import { bytesOf } from "./row-select.ts";
import { type Encoded, encodeWithin, sendRows } from "./send-rows.ts";
import type { Lease } from "./session-pool.ts";
import type { Strategy } from "./strategy.ts";
import { troubleOf } from "./trouble.ts";

/**
 * Inserts the rows of a table without a key, exactly once: a line of the shard's ledger table goes first into the same
 * transaction. A statement of ours that arrives late holds or has that line, so the next try waits for it or finds it.
 */
export async function deliverWithLedger(
  lease: Lease,
  part: LedgerPart,
  rows: RowBatch,
  context: DeliveryContext,
): Promise<void> {
  const retries = startRetries(context.limits);
  let sure = !context.recover;
  let instead: Strategy | null = null;
  for (;;) {
    const strategy: Strategy = instead ?? context.choice.next(bytesOf(rows));
    let inLedger = false;
    let began = false;
    try {
      const session = await lease.session();
      if (!sure && (await isThere(session, part, rows, context.place))) return;
      await session.run("BEGIN");
      began = true;
      await session.run(ledgerInsert(part, rows));
      inLedger = true;
      for (const moded of context.split(rows)) await sendAll(session, moded, strategy, context);
      await session.run("COMMIT");
      return;
    } catch (error) {
      const trouble = troubleOf(error);
      if (began) await rollBack(lease);
      if (isOurs(error)) throw error;
      if (trouble.kind === "duplicate" && inLedger) throw duplicateError(context.place, error);
      if (trouble.kind === "again" && trouble.refusal === "payload" && rows.rows === 1) {
        throw refusedError(context.place, rows, error);
      }
      if (trouble.kind === "unsupported" || trouble.kind === "fatal") {
        const other: Strategy | null = instead === null ? context.choice.otherThan(strategy) : null;
        if (other === null) throw refusedError(context.place, rows, error);
        instead = other;
      }
      sure = false;
      await again(error, trouble, lease, retries, context);
    }
  }
}

/** Ends the transaction; a session that cannot do even that is given up, which ends it too. */
async function rollBack(lease: Lease): Promise<void> {
  try {
    await (await lease.session()).run("ROLLBACK");
  } catch {
    lease.discard();
  }
}

async function isThere(session: Session, part: LedgerPart, rows: RowBatch, place: LoadPlace): Promise<boolean> {
  const found = await findPart(session, part, rows);
  if (found !== "other") return found === "yes";
  throw new VtpipeError({
    code: "target",
    message: `Part ${part.part} of chunk ${part.chunk} of table ${place.table.name} is on the target with other rows than now.`,
    now: "Some rows of the table are on the target.",
    todo: "The table has no key, and the chunk was cut differently before (other settings, other shards). Empty the table on the target and load into a fresh run directory.",
    context: { table: place.table.name, chunk: part.chunk },
  });
}

async function sendAll(
  session: Session,
  moded: ModedRows,
  strategy: Strategy,
  context: DeliveryContext,
): Promise<void> {
  const encoded = encodeToPace(moded.rows, strategy, context);
  if (encoded !== null) {
    context.counted("statement");
    return sendRows(session, moded, encoded, context);
  }
  for (const half of halves(moded)) await sendAll(session, half, strategy, context);
}

/** Parts are cut once for ever, so it is here that their statements follow the pace. null: cut the rows in two. */
function encodeToPace(rows: RowBatch, strategy: Strategy, context: DeliveryContext): Encoded | null {
  const size = context.size();
  const isFew = rows.rows === 1 || (rows.rows <= size.rows && (rows.offsets[rows.rows] as number) <= size.bytes);
  return isFew ? encodeWithin(rows, strategy, context) : null;
}

/**
 * Inserts rows of a table without a key through vtgate's routing, where rows of one statement go to several shards and
 * no transaction ties them to a ledger. Only an answer that surely means "not done" is followed by another try.
 */
export async function deliverBlind(lease: Lease, rows: RowBatch, context: DeliveryContext): Promise<void> {
  if (context.recover) throw cannotTell(context.place);
  const left = context.split(rows);
  for (let moded = left.shift(); moded !== undefined; moded = left.shift()) {
    left.unshift(...(await sendBlind(lease, moded, context)));
  }
}

/** One statement, or the rows in two halves when they are too much for one: what is done is never sent again. */
async function sendBlind(lease: Lease, moded: ModedRows, context: DeliveryContext): Promise<ModedRows[]> {
  const retries = startRetries(context.limits);
  for (;;) {
    try {
      const session = await lease.session();
      const encoded = encodeToPace(moded.rows, context.choice.next(bytesOf(moded.rows)), context);
      if (encoded === null) return halves(moded);
      context.counted("statement");
      await sendRows(session, moded, encoded, context);
      return [];
    } catch (error) {
      const trouble = troubleOf(error);
      if (isOurs(error)) throw error;
      // Rows for several shards in one statement: any failure may have come after some shards were done.
      if (trouble.kind !== "again") throw refusedError(context.place, moded.rows, error);
      if (trouble.applied === "unknown") throw cannotTell(context.place, error);
      if (trouble.refusal === "payload" && moded.rows.rows === 1) throw refusedError(context.place, moded.rows, error);
      await again(error, trouble, lease, retries, context);
    }
  }
}

function cannotTell(place: LoadPlace, cause?: unknown): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `It cannot be told which rows of chunk ${place.chunk} of table ${place.table.name} are on the target: the table has no key, and vtgate routes its rows.`,
    now: "Some rows of the table are on the target.",
    todo: `Empty ${place.table.name} on the target and load it again into a fresh run directory; a primary key, or a vindex vtpipe can compute, lets a load continue.`,
    context: { table: place.table.name, chunk: place.chunk },
    ...(cause === undefined ? {} : { cause }),
  });
}
