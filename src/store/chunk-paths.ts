/** A folder name's length that leaves room for the longest chunk file names on every file system (255 bytes). */
const nameLength = 60;

/**
 * The folder of a table's chunk files below the run directory, e.g. `chunks/0003-customer_orders`. The number makes it
 * unique, also where file names ignore case; the name is for people and keeps only what every file system takes.
 */
export function tableFolder(number: number, table: string): string {
  const safe = table.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, nameLength);
  return `chunks/${String(number).padStart(4, "0")}-${safe}`;
}

/** Path of a chunk's file below the run directory. `chunk` is a chunk id: digits and a hyphen. */
export function chunkFilePath(folder: string, chunk: string): string {
  return `${folder}/${chunk}.zst`;
}

/** Could it be the path of a chunk's file? */
export function isChunkFilePath(path: string): boolean {
  return /^chunks\/\d{4,}-[A-Za-z0-9_-]*\/\d{4,}-\d{6,}\.zst$/.test(path);
}
