import { refusal, SqlError } from "./refusal.ts";
import { ask, type Session, upstreamOf } from "./session.ts";
import type { Upstream } from "./upstream.ts";

/**
 * Transactions of untargeted sessions. A shard gets its BEGIN when it is first touched; only one may be written, so
 * COMMIT is one shard's own and atomic. A second written shard is refused before anything is sent to it.
 */
export function begin(session: Session): void {
  if (session.transaction !== null) throw refusal("BEGIN inside a transaction");
  session.transaction = { begun: new Set(), written: null };
}

/** The shard's session, inside the transaction when one is open. */
export async function joinTransaction(session: Session, shard: string, writes: boolean): Promise<Upstream> {
  const { transaction } = session;
  if (!session.autocommit) throw refusal("autocommit = 0 in an untargeted session");
  if (transaction !== null && writes && transaction.written !== null && transaction.written !== shard) {
    throw refusal(`a transaction that writes to more than one shard (${transaction.written} and ${shard})`);
  }
  const upstream = await upstreamOf(session, shard);
  if (transaction === null) return upstream;
  if (!transaction.begun.has(shard)) {
    await ask(upstream, "BEGIN");
    transaction.begun.add(shard);
  }
  if (writes) transaction.written = shard;
  return upstream;
}

export async function endTransaction(session: Session, verb: "COMMIT" | "ROLLBACK"): Promise<void> {
  const { transaction } = session;
  session.transaction = null;
  if (transaction === null) return;
  const written = transaction.written;
  // The written shard first: only its answer decides, the others have nothing to lose.
  const shards = [...transaction.begun].sort((a, b) => Number(b === written) - Number(a === written));
  for (const shard of shards) await ask(await upstreamOf(session, shard), verb);
}

/**
 * A write on several shards outside of a transaction: BEGIN everywhere, the statement everywhere, COMMIT one after the
 * other. Best effort, as in vtgate's multi-shard commit: when a commit fails after another has succeeded, the error says so.
 */
export async function writeEverywhere(session: Session, statements: ReadonlyMap<string, string>): Promise<Buffer[]> {
  if (session.transaction !== null) throw refusal("a write to more than one shard inside a transaction");
  if (!session.autocommit) throw refusal("autocommit = 0 in an untargeted session");
  const upstreams: Upstream[] = [];
  const answers: Buffer[] = [];
  try {
    for (const [shard, sql] of statements) {
      const upstream = await upstreamOf(session, shard);
      await ask(upstream, "BEGIN");
      upstreams.push(upstream);
      const answer = await ask(upstream, sql);
      if (answer.kind === "ok") answers.push(answer.payload);
    }
  } catch (error) {
    for (const upstream of upstreams)
      if (!upstream.lost) await ask(upstream, "ROLLBACK").catch(() => upstream.destroy());
    throw error;
  }
  await commitAll(upstreams);
  return answers;
}

async function commitAll(upstreams: readonly Upstream[]): Promise<void> {
  const committed: string[] = [];
  for (const upstream of upstreams) {
    try {
      await ask(upstream, "COMMIT");
      committed.push(upstream.shard);
    } catch (error) {
      for (const later of upstreams) if (!committed.includes(later.shard)) later.destroy();
      if (committed.length === 0 || !(error instanceof SqlError)) throw error;
      const message = `${error.message} (already committed on ${committed.join(", ")}; on ${upstream.shard} it is unknown)`;
      throw new SqlError(error.errno, error.sqlState, message);
    }
  }
}
