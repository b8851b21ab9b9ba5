import { isUtf8 } from "node:buffer";
import type { RowBatch } from "../contracts/rows.ts";
import { byteKinds } from "../contracts/schema.ts";
import { findCells } from "../mysql/cells.ts";
import { withoutRowData } from "../mysql/server-errors.ts";
import type { Session } from "../mysql/session.ts";
import { setLoadMode } from "../vitess/shard-session.ts";
import { rowText } from "./keys.ts";
import { changedError, type LoadPlace, notUtf8Error, oversizedError } from "./load-errors.ts";
import type { ModedRows } from "./load-mode.ts";
import type { Strategy } from "./strategy.ts";
import type { StrategyChoice } from "./strategy-choice.ts";
import type { Refusal } from "./trouble.ts";

/** What sending needs besides the rows. */
export interface SendContext {
  readonly place: LoadPlace;
  readonly choice: StrategyChoice;
  /** Largest statement the target takes, bytes. */
  readonly statementLimit: number;
  /** Told how long encoding a statement took. */
  encoded(ms: number): void;
  /** Told of every statement the target has acknowledged, and of every one it pushed back at. */
  answered(rows: RowBatch, milliseconds: number): void;
  refused(refusal: Refusal): void;
}

/** A statement ready to go. */
export interface Encoded {
  readonly strategy: Strategy;
  readonly bytes: Buffer;
}

/**
 * Encodes rows with `strategy`, or, for a single row too large that way, with whichever makes it smaller. null: too
 * large for one statement, cut the rows in two. Throws `target` for a row that cannot be sent at all.
 */
export function encodeWithin(rows: RowBatch, strategy: Strategy, context: SendContext): Encoded | null {
  const { place, statementLimit, choice } = context;
  const before = performance.now();
  const bytes = strategy.encode(rows);
  const isText = isUtf8(bytes);
  context.encoded(performance.now() - before);
  if (!isText) throw badText(rows, place);
  if (bytes.length <= statementLimit) return { strategy, bytes };
  if (rows.rows > 1) return null;
  const other = choice.otherThan(strategy);
  const otherBytes = other?.encode(rows);
  if (other !== null && otherBytes !== undefined && otherBytes.length <= statementLimit) {
    return { strategy: other, bytes: otherBytes };
  }
  const smallest = Math.min(bytes.length, otherBytes?.length ?? bytes.length);
  throw oversizedError(place, rowText(place.table, place.keys, rows, 0), smallest, statementLimit);
}

function badText(rows: RowBatch, place: LoadPlace): Error {
  const { table, keys } = place;
  const bounds = new Int32Array(table.columns.length * 2);
  for (let row = 0; row < rows.rows; row++) {
    findCells(rows.bytes, rows.offsets[row] as number, rows.offsets[row + 1] as number, table.columns.length, bounds);
    for (const [index, column] of table.columns.entries()) {
      const start = bounds[index * 2] as number;
      if (start < 0 || byteKinds.has(column.kind)) continue;
      if (isUtf8(rows.bytes.subarray(start, bounds[index * 2 + 1]))) continue;
      return notUtf8Error(place, rowText(table, keys, rows, row), column.name);
    }
  }
  return notUtf8Error(place, "a row that could not be found", "?");
}

/** Sends one statement and holds the answer against what was sent. */
export async function sendRows(
  session: Session,
  { rows, mode }: ModedRows,
  { strategy, bytes }: Encoded,
  context: SendContext,
): Promise<void> {
  if (mode === "permissive") await setLoadMode(session, "permissive");
  const started = performance.now();
  try {
    const { affectedRows, warnings } = await strategy.send(session, bytes);
    const milliseconds = performance.now() - started;
    context.choice.timed(strategy, milliseconds, rows.offsets[rows.rows] as number);
    context.answered(rows, milliseconds);
    if (affectedRows !== rows.rows) {
      throw changedError(context.place, `${rows.rows} were sent, the target counts ${affectedRows}.`);
    }
    if (warnings > 0 && mode === "strict") throw changedError(context.place, await firstWarning(session, warnings));
  } finally {
    // A session that may have stayed permissive must not be used for other rows.
    if (mode === "permissive") await setLoadMode(session, "strict").catch(() => session.destroy());
  }
}

async function firstWarning(session: Session, count: number): Promise<string> {
  const [warning] = await session.query("SHOW WARNINGS");
  return `${count} warnings, the first: ${withoutRowData(warning?.["Message"] ?? "unknown")}`;
}
