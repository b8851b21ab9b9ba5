import { VtpipeError } from "../contracts/errors.ts";
import type { Session } from "../mysql/session.ts";

/** The keyspace as verification sees it: its shards, each with sessions that are already directed at it (`USE ks:-80@primary`). */
export interface VerifyTarget {
  /** Shard names; an unsharded target is one shard. */
  readonly shards: readonly string[];
  /** How many statements may run on a shard at once. */
  readonly concurrency: number;
  /** Lends a session on the shard for the time of `work`; waits while all are lent. */
  withSession<T>(shard: string, work: (session: Session) => Promise<T>): Promise<T>;
}

/**
 * A target over open sessions, the same number for every shard. The sessions stay the caller's to close.
 */
export function targetOver(sessions: ReadonlyMap<string, readonly Session[]>): VerifyTarget {
  const idle = new Map(Array.from(sessions, ([shard, some]) => [shard, [...some]]));
  const waiting = new Map<string, ((session: Session) => void)[]>(Array.from(sessions.keys(), (shard) => [shard, []]));
  const lend = (shard: string): Session | Promise<Session> => {
    const session = idle.get(shard)?.pop();
    return session ?? new Promise((resolve) => waiting.get(shard)?.push(resolve));
  };
  return {
    shards: [...sessions.keys()],
    concurrency: Math.max(1, Math.min(...Array.from(sessions.values(), (some) => some.length))),
    async withSession(shard, work) {
      const session = await lend(shard);
      try {
        return await work(session);
      } finally {
        const next = waiting.get(shard)?.shift();
        if (next === undefined) idle.get(shard)?.push(session);
        else next(session);
      }
    },
  };
}

/** Waits for all of them, so that nothing goes on behind a failure; then throws the first one. */
export async function allOrNone<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/** The same on every shard at once, results in the order of the shards. */
export function onEveryShard<T>(target: VerifyTarget, work: (session: Session) => Promise<T>): Promise<T[]> {
  return allOrNone(target.shards.map((shard) => target.withSession(shard, work)));
}

/** Throws when the user wants the work to stop. */
export function stopIfAsked(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  if (signal.reason instanceof VtpipeError) throw signal.reason;
  throw new VtpipeError({
    code: "interrupted",
    message: "Verification was stopped on request.",
    now: "Nothing was changed; verification only reads.",
    todo: "Run the same command again; it verifies from the start.",
  });
}
