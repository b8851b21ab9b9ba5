/** A GTID set with Vitess's flavor prefix: `MySQL56/<gtid_executed>`; null when the source has GTIDs off. */
export type Position = string | null;

/** All workers' transactions opened at one position. */
export interface Snapshot {
  /** Running number within the run directory, from 1. */
  readonly id: number;
  readonly position: Position;
  /** How it was made consistent. */
  readonly method: "global read lock" | "table locks" | "no lock, position unchanged" | "no lock, read only source";
  /** How long writers were held off, in milliseconds; 0 without a lock. */
  readonly lockMs: number;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly serverUuid: string;
  readonly serverVersion: string;
}
