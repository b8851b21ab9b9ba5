import type { EventSink } from "../contracts/events.ts";
import type { Snapshot } from "../contracts/position.ts";
import { openSession, type Session } from "../mysql/session.ts";
import { type BackupLock, holdBackupLock } from "../source/backup-lock.ts";
import { takeSnapshot } from "../source/snapshot.ts";
import {
  changedTables,
  fingerprintOf,
  type TableFingerprints,
  tableFingerprints,
} from "../source/table-fingerprint.ts";
import { changedDefinition } from "./changed-definition.ts";
import type { SourceSide } from "./source-side.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** The snapshot all workers read at, and the guard against definitions that change under it. */
export interface HeldSnapshot {
  readonly snapshot: Snapshot;
  /** Everything is read: proves that no definition changed, then lets transactions and locks go. */
  release(): Promise<void>;
  /** Lets everything go without a look, after a failure; harmless after `release`. */
  abandon(): void;
}

export interface SnapshotPhaseOptions {
  readonly source: SourceSide;
  readonly pool: WorkerPool;
  readonly id: number;
  readonly lockTimeoutSeconds: number;
  readonly emit: EventSink;
}

/** Connects every worker, opens all their transactions at one position and reports it. */
export async function holdSnapshot(options: SnapshotPhaseOptions): Promise<HeldSnapshot> {
  const { source, pool, id, lockTimeoutSeconds, emit } = options;
  const each = (kind: "connect" | "open-snapshot" | "close-source"): Promise<unknown> =>
    Promise.all(Array.from({ length: pool.size }, (_, worker) => pool.run(worker, { kind })));
  const watchdog = await openSession(source.address, { purpose: "control" });
  const guard = await openSession(source.address, { purpose: "control" });
  try {
    await each("connect");
    const backupLock = await holdBackupLock(guard, watchdog, lockTimeoutSeconds);
    const tables = source.plan.tables.map((table) => table.source.table);
    const snapshot = await takeSnapshot({
      control: source.control,
      watchdog,
      openAll: () => each("open-snapshot").then(() => undefined),
      tables,
      lockTimeoutSeconds,
      id,
      onEvent: emit,
    });
    const { position, lockMs, method } = snapshot;
    emit({ type: "snapshot", position, lockMs, method, workers: pool.size });
    // The plan was made before the lock: what it knows must still be so.
    const planned: TableFingerprints = new Map(tables.map((t) => [t.name, fingerprintOf(t.createStatement)]));
    refuseChanged(planned, await tableFingerprints(source.control, tables), "between planning and the snapshot");
    return {
      snapshot,
      async release() {
        await each("close-source");
        if (backupLock === null) {
          refuseChanged(planned, await tableFingerprints(source.control, tables), "while the tables were read");
        }
        await letGo(backupLock, watchdog, guard);
      },
      abandon() {
        watchdog.destroy();
        guard.destroy();
      },
    };
  } catch (error) {
    watchdog.destroy();
    guard.destroy();
    throw error;
  }
}

async function letGo(lock: BackupLock | null, ...sessions: readonly Session[]): Promise<void> {
  await lock?.release();
  for (const session of sessions) await session.close();
}

function refuseChanged(before: TableFingerprints, after: TableFingerprints, when: string): void {
  const changed = changedTables(before, after);
  if (changed.length > 0) throw changedDefinition(changed, when);
}
