/** A chunk is at least this long, or its file, ledger record and round trips cost more than its rows. */
const fewest = 100;
/**
 * And at most this long: a batch's checksum and the chunk's key probe stay cheap, and a crash repeats no more than
 * this. With the 64-byte rows of a narrow table that is 64 MB.
 */
const most = 1_000_000;
/** Assumed for the first chunk of a table nothing is known about: small enough that a wrong guess does no harm. */
const unknownRowBytes = 1_024;

/**
 * Rows to ask for so that a chunk comes to about `bytesPerChunk` of row data. `observedBytesPerRow` is what earlier
 * chunks (or the table's statistics) came to; null or 0 when nothing is known.
 */
export function rowsPerChunk(bytesPerChunk: number, observedBytesPerRow: number | null): number {
  const perRow = observedBytesPerRow !== null && observedBytesPerRow > 0 ? observedBytesPerRow : unknownRowBytes;
  const wanted = Math.min(most, Math.floor(bytesPerChunk / perRow));
  if (wanted >= fewest) return wanted;
  // Rows so large that `fewest` of them pass the budget four times over are taken a few at a time.
  return Math.max(1, Math.min(fewest, Math.floor((4 * bytesPerChunk) / perRow)));
}
