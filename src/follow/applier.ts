import { asVtpipeError, VtpipeError } from "../contracts/errors.ts";
import type { Session } from "../mysql/session.ts";
import type { ShardItem } from "./changes.ts";
import { advanced, type ShardPosition } from "./cursor.ts";
import { diverged, exhausted, lineGone, refusedChange, takenOver } from "./follow-errors.ts";
import { advanceLine, awaitLine, type FollowLine } from "./follow-table.ts";
import { type NetChange, netChanges } from "./net.ts";
import { type BatchLimits, batchLimits, type ShardQueue } from "./shard-queue.ts";
import type { RowsStatement, TableStatements } from "./statements.ts";

/** What a failed statement means: as the loader sorts failures. */
export type Trouble =
  | { readonly kind: "duplicate" | "unsupported" | "fatal" }
  | { readonly kind: "again"; readonly slower: boolean; readonly gone: boolean };

/** Waits between tries; false: it was enough. */
export interface Tries {
  readonly failures: number;
  pause(signal: AbortSignal | undefined): Promise<boolean>;
}

export interface ApplierOptions {
  readonly shard: string;
  /** Names the copy in the follow table. */
  readonly copy: string;
  /** Names this process in the follow table, whose line it has claimed. */
  readonly writer: string;
  readonly queue: ShardQueue;
  readonly signal: AbortSignal;
  tableOf(source: string): TableStatements;
  openSession(): Promise<Session>;
  setPermissive(session: Session, permissive: boolean): Promise<void>;
  troubleOf(error: unknown): Trouble;
  startTries(): Tries;
  /** A batch is on the target for good. */
  applied(items: readonly ShardItem[], position: ShardPosition): void;
}

/** How long an answer is waited for before the session is cut. */
export const ANSWER_TIMEOUT_MS = 120_000;
/** A batch is not made smaller than this when the target is slow. */
export const FEWEST_ROWS = 50;
/** Batches that must go well before they grow again. */
const CALM_BATCHES = 20;

/** Applies what comes through the queue to one shard until the queue ends. The position is written with the rows. */
export async function applyToShard(options: ApplierOptions): Promise<void> {
  const { shard, queue, copy, writer } = options;
  let session: Session | null = null;
  let limits: BatchLimits = batchLimits;
  let calm = 0;

  async function current(): Promise<Session> {
    session ??= await options.openSession();
    return session;
  }

  function discard(): void {
    session?.destroy();
    session = null;
  }

  /** Tries `work` until it is done; only failures that may pass are tried again. */
  async function tried<T>(work: () => Promise<T>, failed: (slower: boolean) => "again" | "leave"): Promise<T | null> {
    const tries = options.startTries();
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const trouble = isOurs(error) ? null : options.troubleOf(error);
        if (trouble?.kind !== "again") throw error;
        discard();
        const paused = await tries.pause(options.signal).catch(() => false);
        if (options.signal.aborted) throw asVtpipeError(error);
        if (!paused) throw exhausted(shard, error, tries.failures);
        if (failed(trouble.slower) === "leave") return null;
      }
    }
  }

  const claimed = await tried(
    async () => awaitLine(await current(), copy),
    () => "again",
  );
  if (claimed === null) throw lineGone(shard, copy);
  // Reading began at the position at which the line was claimed.
  if (claimed.writer !== writer) throw takenOver(shard);
  let line: FollowLine = claimed;

  /** After an unclear answer: was the step taken that leads to `to`? */
  async function wasTaken(): Promise<boolean> {
    const found = await awaitLine(await current(), copy);
    if (found === null) throw lineGone(shard, copy);
    if (found.writer !== writer || found.step < line.step || found.step > line.step + 1) throw takenOver(shard);
    return found.step === line.step + 1;
  }

  async function applyBatch(items: readonly ShardItem[], to: ShardPosition): Promise<boolean> {
    const net = netChanges(
      items.flatMap((item) => (item.type === "change" ? [item.change] : [])),
      options.tableOf,
    );
    const committedAt = items.reduce<number | null>(
      (last, item) => (item.type === "commit" && item.committedAt > 0 ? item.committedAt : last),
      null,
    );
    let unclear = false;
    const done = await tried(
      async () => {
        if (unclear && (await wasTaken())) return true;
        unclear = true;
        await oneTransaction(net, advanceLine(copy, line, to, committedAt));
        return true;
      },
      (slower) => {
        calm = 0;
        const rows = items.filter(({ type }) => type === "change").length;
        if (!slower || rows <= FEWEST_ROWS) return "again";
        limits = { ...limits, rows: Math.max(FEWEST_ROWS, Math.floor(rows / 2)) };
        return "leave";
      },
    );
    // Smaller pieces next, unless the answer was lost and not the transaction.
    return done ?? (await tried(wasTaken, () => "again")) === true;
  }

  async function oneTransaction(net: readonly NetChange[], advance: string): Promise<void> {
    const live = await current();
    const timer = setTimeout(() => live.destroy(), ANSWER_TIMEOUT_MS);
    try {
      await live.run("BEGIN");
      // First, because its lock makes whoever asks for the position wait until this transaction has come to an end.
      const { affectedRows } = await live.run(advance);
      if (affectedRows !== 1) throw takenOver(shard);
      for (const change of net) {
        await applyTable(live, change);
        timer.refresh();
      }
      await live.run("COMMIT");
    } catch (error) {
      // Ends the transaction, whatever state it is in.
      await live.run("ROLLBACK").catch(() => discard());
      throw error instanceof Diverging ? await error.told(live) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async function applyTable(live: Session, { table, idempotent, gone, come }: NetChange): Promise<void> {
    const statements = options.tableOf(table);
    try {
      for (const statement of statements.deletes(gone)) {
        const { affectedRows } = await live.run(statement.sql);
        if (!idempotent && affectedRows !== statement.rows.length) throw new Diverging(statements, shard, statement);
      }
      for (const statement of statements.inserts(come, idempotent)) {
        if (statement.permissive) await options.setPermissive(live, true);
        const { affectedRows, warnings } = await live.run(statement.sql);
        if (statement.permissive) await options.setPermissive(live, false);
        const short = idempotent ? affectedRows < statement.rows.length : affectedRows !== statement.rows.length;
        if (short) throw diverged(statements.name, shard, rowOf(statements, statement), "rows could not be inserted");
        if (warnings > 0 && !statement.permissive) {
          throw diverged(
            statements.name,
            shard,
            rowOf(statements, statement),
            "values were not stored as they were sent",
          );
        }
      }
    } catch (error) {
      if (isOurs(error)) throw error;
      switch (options.troubleOf(error).kind) {
        case "again":
          throw error;
        case "duplicate":
          throw diverged(
            statements.name,
            shard,
            takenKey(asVtpipeError(error).message),
            "a row that is new to it is there already",
          );
        default:
          throw refusedChange(statements.name, shard, error);
      }
    }
  }

  try {
    for (;;) {
      const items = await queue.take(limits);
      if (items === null) break;
      const to = advanced(line.position, items);
      if (await applyBatch(items, to)) {
        line = { ...line, position: to, step: line.step + 1 };
        options.applied(items, to);
        if (++calm >= CALM_BATCHES) {
          calm = 0;
          limits = { ...limits, rows: Math.min(batchLimits.rows, limits.rows * 2) };
        }
      } else queue.putBack(items);
    }
    await (session as Session | null)?.close();
  } finally {
    discard();
  }
}

/** A row that should have been deleted was not there; which one is found out after the transaction is rolled back. */
class Diverging extends Error {
  readonly #statements: TableStatements;
  readonly #shard: string;
  readonly #statement: RowsStatement;
  constructor(statements: TableStatements, shard: string, statement: RowsStatement) {
    super("rows that should be there are not");
    this.#statements = statements;
    this.#shard = shard;
    this.#statement = statement;
  }
  async told(session: Session): Promise<Error> {
    const missing = await this.#statements.firstMissing(session, this.#statement.rows).catch(() => null);
    const key = missing === null ? rowOf(this.#statements, this.#statement) : this.#statements.textOf(missing);
    return diverged(this.#statements.name, this.#shard, key, "a row that was changed or deleted is not there");
  }
}

/** The key and its value out of a server's "Duplicate entry '7' for key 't.PRIMARY'". */
function takenKey(message: string): string {
  const [, value, key] = /Duplicate entry '([\s\S]*)' for key '([^']*)'/.exec(message) ?? [];
  return value === undefined ? message : `${key} = '${value}'`;
}

/** Raised here about what was found, not by a server about a statement. */
function isOurs(error: unknown): boolean {
  if (error instanceof Diverging) return true;
  return error instanceof VtpipeError && (error.context["shard"] ?? error.context["table"]) !== undefined;
}

function rowOf(statements: TableStatements, { rows }: RowsStatement): string {
  const [first] = rows;
  const among = rows.length === 1 ? "" : `among ${rows.length} rows from `;
  return first === undefined ? "no row" : `${among}${statements.textOf(first)}`;
}
