import { VtpipeError } from "../contracts/errors.ts";
import type { ServerAddress } from "../mysql/server-url.ts";
import { openSession, type Session } from "../mysql/session.ts";

/** A worker's one connection to the source and the transaction it holds there. */
export interface SourceLane {
  connect(): Promise<void>;
  /** Starts the transaction, or a new one in place of the one before. */
  openSnapshot(): Promise<void>;
  /** The session inside its transaction; throws when there is none (any more). */
  snapshotSession(): Session;
  close(): Promise<void>;
}

export function newSourceLane(address: ServerAddress | null): SourceLane {
  let session: Session | null = null;
  let inSnapshot = false;
  return {
    async connect() {
      if (address === null) throw new RangeError("this run has no source");
      session = await openSession(address, { purpose: "source" });
    },
    async openSnapshot() {
      if (session === null) throw new RangeError("connect first");
      await session.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
      inSnapshot = true;
    },
    snapshotSession() {
      if (session !== null && inSnapshot) return session;
      throw new VtpipeError({
        code: "snapshot",
        message: "This worker has no snapshot to read from: its connection to the source was lost.",
        now: "Every finished chunk is recorded.",
        todo: "Run the same command again; missing chunks are read at a new snapshot.",
        retryable: true,
      });
    },
    async close() {
      const closing = session;
      session = null;
      inSnapshot = false;
      await closing?.close();
    },
  };
}
