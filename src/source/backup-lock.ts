import type { Session } from "../mysql/session.ts";
import { tryLock } from "./server-lock.ts";

export interface BackupLock {
  /** Lets DDL go on. Safe to call more than once. */
  release(): Promise<void>;
}

/**
 * LOCK INSTANCE FOR BACKUP on a session of its own: rows can be written, tables cannot be altered. Hold it from before
 * the tables are inspected until the last row is read. null when the account lacks BACKUP_ADMIN or a DDL statement
 * keeps it away for `timeoutSeconds`; then compare {@link tableFingerprints} before and after.
 */
export async function holdBackupLock(
  session: Session,
  watchdog: Session,
  timeoutSeconds: number,
): Promise<BackupLock | null> {
  const attempt = await tryLock(session, watchdog, "LOCK INSTANCE FOR BACKUP", timeoutSeconds);
  if (!attempt.granted) return null;
  let held = true;
  return {
    async release() {
      if (!held) return;
      held = false;
      await session.run("UNLOCK INSTANCE");
    },
  };
}
