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

/** Chunks are not made smaller than this for the sake of the end: a chunk more costs as much as some thousand rows. */
const leastTailBytes = 4 << 20;

/**
 * Row bytes of a chunk when about `leftBytes` of all tables are still to be read: as long as every reader has two more of them
 * before it, `budget`; then less, so that no reader is left with a large chunk when the others have nothing more to do.
 */
export function tailBudget(budget: number, leftBytes: number, readers: number): number {
  if (readers < 2) return budget;
  return Math.min(budget, Math.max(leastTailBytes, Math.floor(leftBytes / (2 * readers))));
}
