/** A chunk should not take longer to read: what a crash repeats is one chunk per worker. */
const longestSeconds = 30;
/** A chunk that took less says little of the speed: opening a range and a file weigh too much. */
const tellingSeconds = 1;
/** Below this a chunk's file, ledger record and round trips cost more than its rows, however slow these are. */
const leastBytes = 1 << 20;

/** Bytes per second that a table is read with, seen over its latest chunks; null: not known yet. */
export type ReadSpeed = number | null;

/** The speed after one more chunk; of `bytes` row data, read in `seconds`. */
export function nextSpeed(speed: ReadSpeed, bytes: number, seconds: number): ReadSpeed {
  if (bytes <= 0 || seconds <= 0) return speed;
  const seen = bytes / seconds;
  if (seconds < tellingSeconds) return speed === null ? null : Math.max(speed, seen);
  return speed === null ? seen : (speed + seen) / 2;
}

/**
 * Row bytes of a table's next chunk: what the config says, or less where that would take too long. Never more: the config's
 * number bounds a file, and at the usual 32 MiB there is nothing to gain.
 */
export function chunkBudget(chunkBytes: number, speed: ReadSpeed): number {
  if (speed === null) return chunkBytes;
  return Math.min(chunkBytes, Math.max(leastBytes, Math.floor(speed * longestSeconds)));
}
