import type { DumpedChunk } from "../contracts/chunk.ts";
import type { Column } from "../contracts/schema.ts";
import { tooLarge } from "./target-check.ts";

/** Decides when chunks may be loaded. */
export interface LoadingGate {
  /**
   * A chunk is on disk; `tableRead`: so is every other of its table. Returns the chunks that may be loaded now.
   * Throws `target` when its table holds a row that no statement can carry.
   */
  offer(chunk: DumpedChunk, tableRead: boolean): readonly DumpedChunk[];
  /** Chunks that are held back now. */
  readonly held: number;
}

/** No statement limit in use is below that of a row this large; see LARGE_ROW_BYTES in src/load/row-limit.ts. */
const alwaysFits = 1 << 20;

/**
 * Lets chunks through as they come, but holds back those of tables whose columns allow rows larger than the target's
 * messages until all of the table is read: then either all its rows can be loaded, or none is sent.
 */
export function newLoadingGate(columnsOf: (table: string) => readonly Column[], statementLimit: number): LoadingGate {
  const held = new Map<string, DumpedChunk[]>();
  const wholeFirst = new Map<string, boolean>();
  const mustBeWhole = (table: string): boolean => {
    const known = wholeFirst.get(table) ?? longestRow(columnsOf(table)) >= alwaysFits;
    wholeFirst.set(table, known);
    return known;
  };
  return {
    offer(chunk, tableRead) {
      const { table } = chunk;
      if (!mustBeWhole(table)) return [chunk];
      const waiting = [...(held.get(table) ?? []), chunk];
      held.set(table, waiting);
      if (!tableRead) return [];
      held.delete(table);
      for (const { chunk: name, largeRow } of waiting) {
        if (largeRow !== null && largeRow.statementBytes > statementLimit)
          throw tooLarge(table, name, largeRow, statementLimit);
      }
      return waiting;
    },
    get held() {
      return [...held.values()].reduce((sum, chunks) => sum + chunks.length, 0);
    },
  };
}

/** Bytes of the longest row these columns allow; text takes up to four bytes a character. */
function longestRow(columns: readonly Column[]): number {
  return columns.reduce((sum, { kind, length }) => {
    if (kind === "json" || kind === "geometry") return Number.POSITIVE_INFINITY;
    return sum + (length ?? 80) * (kind === "text" ? 4 : 1);
  }, 0);
}
