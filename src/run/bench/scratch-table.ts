import { randomBytes } from "node:crypto";
import { asVtpipeError, VtpipeError } from "../../contracts/errors.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Session } from "../../mysql/session.ts";
import { openLoadSession, shardTarget } from "../../vitess/shard-session.ts";
import type { JobContext } from "../job.ts";
import type { TargetSide } from "../target-side.ts";
import { checkStopped } from "./stopped.ts";

/** A table on every shard that is there for the length of a bench. */
export interface ScratchTable {
  readonly name: string;
  empty(): Promise<void>;
}

export function newScratchName(): string {
  return `_vtpipe_bench_${randomBytes(4).toString("hex")}`;
}

/** How to drop it by hand. */
export function dropByHand(name: string, { topology: { keyspace, shards } }: Pick<TargetSide, "topology">): string {
  return shards
    .map((shard) => `USE ${quoteName(shardTarget(keyspace, shard.name))}; DROP TABLE IF EXISTS ${quoteName(name)};`)
    .join(" ");
}

/** ER_TABLE_EXISTS_ERROR */
const tableExists = 1050;

/**
 * Makes the table on every shard by `sql`, lets `work` use it and drops it, whatever comes. Each statement goes to one shard's
 * primary, so no vschema needs to know the table. A table that is there already is refused and never touched.
 */
export async function withScratchTable<T>(
  target: TargetSide,
  name: string,
  sql: readonly string[],
  { emit, stop }: Pick<JobContext, "emit" | "stop">,
  work: (table: ScratchTable) => Promise<T>,
): Promise<T> {
  const shards = target.topology.shards.map((shard) => shard.name);
  const onShard = async <R>(shard: string, task: (session: Session) => Promise<R>): Promise<R> => {
    await using session = await openLoadSession(target.address, { keyspace: target.topology.keyspace, shard }, {});
    return await task(session);
  };
  for (const shard of shards) {
    const tables = await onShard(shard, (session) => session.query("SHOW TABLES"));
    if (tables.some((row) => Object.values(row)[0] === name)) throw isThere(name, shard);
  }
  emit({
    type: "note",
    text: `Scratch table ${name} is made on ${shards.join(" ")} and dropped at the end. Should vtpipe be killed: ${dropByHand(name, target)}`,
  });
  const made: string[] = [];
  let failure: { readonly error: unknown } | null = null;
  try {
    for (const shard of shards) {
      checkStopped(stop, "The scratch table is dropped again where it was made; no other table was touched.");
      // Noted before it is there: what became of a statement without an answer nobody knows.
      made.push(shard);
      try {
        await onShard(shard, async (session) => {
          for (const statement of sql) await session.run(statement);
        });
      } catch (error) {
        if (asVtpipeError(error).context["errno"] !== tableExists) throw error;
        made.pop();
        throw isThere(name, shard);
      }
    }
    return await work({
      name,
      async empty() {
        for (const shard of shards) await onShard(shard, (session) => session.run(`TRUNCATE TABLE ${quoteName(name)}`));
      },
    });
  } catch (error) {
    failure = { error };
    throw error;
  } finally {
    const left: string[] = [];
    let why: unknown = null;
    for (const shard of made) {
      try {
        await onShard(shard, (session) => session.run(`DROP TABLE IF EXISTS ${quoteName(name)}`));
      } catch (error) {
        left.push(shard);
        why = error;
      }
    }
    if (left.length > 0) {
      const error = notDropped(name, left, target, why);
      // The first failure is the one to be thrown; that the table stays must be known all the same.
      if (failure !== null) emit({ type: "warning", code: "scratch-table", text: `${error.message} ${error.todo}` });
      // biome-ignore lint/correctness/noUnsafeFinally: there is no failure that it could hide.
      else throw error;
    }
  }
}

function isThere(name: string, shard: string): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: `Table ${name} is on shard ${shard} already; a bench uses no table that it has not made.`,
    now: "Nothing was changed; that table was not touched.",
    todo: "Give --scratch the name of a table that does not exist, or drop this one if it is a bench's.",
    context: { table: name, shard },
  });
}

function notDropped(name: string, shards: readonly string[], target: TargetSide, cause: unknown): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `Scratch table ${name} could not be dropped on ${shards.join(", ")}: ${asVtpipeError(cause).message}`,
    now: `The table and its rows are on ${shards.join(", ")}; no other table was touched.`,
    todo: `Drop it by hand: ${dropByHand(name, target)}`,
    context: { table: name },
    cause,
  });
}
