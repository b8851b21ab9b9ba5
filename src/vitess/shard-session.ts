import type { ServerAddress } from "../mysql/server-url.ts";
import { openSession, type Session, type SessionOptions } from "../mysql/session.ts";
import { SILENCE_SECONDS } from "../mysql/silence.ts";

/**
 * Strict about every value, so nothing is cut or clamped silently; but zero and impossible dates that the source holds
 * are taken, and an explicit 0 in an AUTO_INCREMENT column stays 0.
 */
export const STRICT_MODE = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES";

/** Only for rows a strict mode cannot take: an ENUM's error value ''. */
export const PERMISSIVE_MODE = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES";

export type LoadMode = "strict" | "permissive";

/** The database name that makes a vtgate session talk to the primary of one shard, past vschema and routing rules. */
export function shardTarget(keyspace: string, shard: string): string {
  return `${keyspace}:${shard}@primary`;
}

/**
 * A session for inserting rows: into one shard's primary, or with `shard` null through vtgate's own routing. vtgate turns
 * both settings into SET_VAR hints of each statement, text and prepared alike, and reserves no connection for them.
 */
export async function openLoadSession(
  address: ServerAddress,
  target: { readonly keyspace: string; readonly shard: string | null },
  options: Omit<SessionOptions, "purpose">,
): Promise<Session> {
  const { keyspace, shard } = target;
  const database = shard === null ? keyspace : shardTarget(keyspace, shard);
  const session = await openSession({ ...address, database }, { ...options, purpose: "target" });
  try {
    await prepareForLoading(session);
  } catch (error) {
    session.destroy();
    throw error;
  }
  return session;
}

/**
 * A session for reading from one shard's primary. olap: rows are streamed, so neither vttablet's limit of 10,000 rows nor
 * its query timeout cuts an answer short.
 */
export function openReadSession(address: ServerAddress, keyspace: string, shard: string): Promise<Session> {
  return openForWorkload("olap", address, keyspace, shard);
}

/**
 * A session for changing tables on one shard's primary. dba: building a key may take hours, and vttablet ends other statements
 * after 30 seconds.
 */
export function openSchemaSession(address: ServerAddress, keyspace: string, shard: string): Promise<Session> {
  return openForWorkload("dba", address, keyspace, shard);
}

async function openForWorkload(
  workload: "olap" | "dba",
  address: ServerAddress,
  keyspace: string,
  shard: string,
): Promise<Session> {
  const onShard = { ...address, database: shardTarget(keyspace, shard) };
  const session = await openSession(onShard, { purpose: "target", isAtWork: () => shardAtWork(onShard) });
  try {
    await session.run(`SET workload = '${workload}'`);
    return session;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** What a look at the shard may take, over and above logging in. */
const LOOK_SECONDS = 10;

/**
 * Is a statement of our account under way on the shard that began before the silence? vtgate tells nothing of its sessions, but
 * vttablet sends what it is given to MySQL under an account of its own, which sees its own threads.
 */
async function shardAtWork(onShard: ServerAddress): Promise<boolean> {
  const { silenceSeconds = SILENCE_SECONDS } = onShard;
  const patience = Math.min(silenceSeconds, LOOK_SECONDS);
  await using session = await openSession({ ...onShard, silenceSeconds: patience }, { purpose: "target" });
  const found = await session.query(
    `SELECT 1 FROM information_schema.PROCESSLIST WHERE COMMAND IN ('Query', 'Execute') AND TIME >= ${silenceSeconds - 1}
       AND USER = SUBSTRING_INDEX(USER(), '@', 1) LIMIT 1`,
  );
  return found.length > 0;
}

/** Strict mode, and no foreign key checks: tables are loaded in any order and in parallel. */
export async function prepareForLoading(session: Session): Promise<void> {
  await session.run(`SET sql_mode = '${STRICT_MODE}', foreign_key_checks = 0`);
}

export async function setLoadMode(session: Session, mode: LoadMode): Promise<void> {
  await session.run(`SET sql_mode = '${mode === "strict" ? STRICT_MODE : PERMISSIVE_MODE}'`);
}
