import type { DumpedChunk } from "../contracts/chunk.ts";
import type { TableProgress } from "../contracts/events.ts";
import type { StrategyName } from "../load/strategy.ts";

/** A table the tally counts, with what is known before it is read. */
export interface TalliedTable {
  readonly source: string;
  readonly rowsEstimate: number;
}

/** What a table has come to so far. */
export interface TableTally {
  readonly source: string;
  readonly rowsEstimate: number;
  rows: number;
  bytes: number;
  chunks: number;
  rowsLoaded: number;
  bytesLoaded: number;
  chunksLoaded: number;
  /** Is every chunk of it on disk? */
  read: boolean;
  /** The statements that the probe found faster for this table. */
  strategy: StrategyName | null;
}

/** Counts chunks by table. The main thread's only bookkeeping besides the ledger; every step of it is O(1). */
export interface Tally {
  of(table: string): TableTally;
  dumped(chunk: DumpedChunk): TableTally;
  loaded(chunk: DumpedChunk): TableTally;
  all(): readonly TableTally[];
}

export function newTally(tables: readonly TalliedTable[]): Tally {
  const tallies = new Map<string, TableTally>(
    tables.map(({ source, rowsEstimate }) => [
      source,
      {
        source,
        rowsEstimate,
        rows: 0,
        bytes: 0,
        chunks: 0,
        rowsLoaded: 0,
        bytesLoaded: 0,
        chunksLoaded: 0,
        read: false,
        strategy: null,
      },
    ]),
  );
  const of = (table: string): TableTally => {
    const tally = tallies.get(table);
    if (tally === undefined) throw new RangeError(`table ${table} is not part of this run`);
    return tally;
  };
  return {
    of,
    dumped(chunk) {
      const tally = of(chunk.table);
      tally.rows += chunk.checksum.rows;
      tally.bytes += chunk.bytesRaw;
      tally.chunks++;
      return tally;
    },
    loaded(chunk) {
      const tally = of(chunk.table);
      tally.rowsLoaded += chunk.checksum.rows;
      tally.bytesLoaded += chunk.bytesRaw;
      tally.chunksLoaded++;
      return tally;
    },
    all: () => [...tallies.values()],
  };
}

/** Is every row of the table on the target? */
export function isLoaded(tally: TableTally): boolean {
  return tally.read && tally.chunksLoaded === tally.chunks;
}

export function tableProgress(tally: TableTally): TableProgress {
  return {
    source: tally.source,
    rowsEstimate: tally.rowsEstimate,
    rowsDumped: tally.rows,
    rowsLoaded: tally.rowsLoaded,
    chunksDumped: tally.chunks,
    chunksLoaded: tally.chunksLoaded,
    dumped: tally.read,
    loaded: isLoaded(tally),
  };
}
