/** How much is still to be read, as far as the tables' statistics tell. Every step is O(1): there may be thousands of tables. */
export interface BytesLeft {
  readonly total: number;
  /** Bytes of a table were read. */
  read(table: string, bytes: number): void;
  /** Nothing of the table is left, whatever was expected. */
  done(table: string): void;
}

export function newBytesLeft(estimates: Iterable<readonly [table: string, bytes: number]>): BytesLeft {
  const left = new Map(estimates);
  let total = 0;
  for (const bytes of left.values()) total += bytes;
  const take = (table: string, bytes: number): void => {
    const before = left.get(table) ?? 0;
    const taken = Math.min(before, bytes);
    left.set(table, before - taken);
    total -= taken;
  };
  return {
    get total() {
      return total;
    },
    read: take,
    done: (table) => take(table, Number.POSITIVE_INFINITY),
  };
}
