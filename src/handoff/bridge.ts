import type { KeyBound, KeyRange } from "../contracts/chunk.ts";
import type { Finding } from "../contracts/finding.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { LanedTable } from "./lanes.ts";

/** Conditions joined by AND that hold for a part of a table's key order: all a stream's filter can say of it. */
export type KeyPiece = readonly string[];

/** A chunk as far as bridging goes: which part of a table was read at which position. */
export interface PlacedChunk {
  /** Source table name. */
  readonly table: string;
  readonly range: KeyRange;
  readonly position: string;
}

/** Rows that were read at an older position, to be carried on to the newest one; by one stream per shard. */
export interface BridgeStream {
  readonly from: string;
  /** null: the whole table. */
  readonly parts: readonly { readonly table: LanedTable; readonly piece: KeyPiece | null }[];
}

export interface Bridge {
  readonly streams: readonly BridgeStream[];
  readonly refusals: readonly Finding[];
}

/**
 * Pure: the streams that carry every row read at an older position on to `newest`. An interrupted dump took a new snapshot
 * for the chunks it still had to read, so that parts of a table are older than others. A stream's filter cannot say OR,
 * so each part takes as many streams as it has pieces; pieces of different tables share a stream.
 */
export function planBridge(tables: readonly LanedTable[], chunks: readonly PlacedChunk[], newest: string): Bridge {
  const refusals: Finding[] = [];
  const older = new Map<string, BridgeStream[]>();
  const byTable = new Map<string, PlacedChunk[]>(tables.map(({ source }) => [source, []]));
  for (const chunk of chunks) byTable.get(chunk.table)?.push(chunk);
  for (const table of tables) {
    const own = byTable.get(table.source) ?? [];
    for (const from of new Set(own.map(({ position }) => position))) {
      if (from === newest) continue;
      const mine = own.filter(({ position }) => position === from);
      const pieces =
        mine.length === own.length
          ? [null]
          : piecesOf(
              table,
              mine.map(({ range }) => range),
            );
      if (pieces === null) {
        refusals.push(notExpressible(table));
        break;
      }
      const streams = older.get(from) ?? [];
      older.set(from, streams);
      for (const [index, piece] of pieces.entries()) {
        const stream = streams[index] ?? { from, parts: [] };
        streams[index] = { from, parts: [...stream.parts, { table, piece }] };
      }
    }
  }
  return { streams: [...older.values()].flat(), refusals };
}

/** The ranges as pieces no two of which overlap; null when the key is not made of integers, which alone compare alike everywhere. */
function piecesOf({ key }: LanedTable, ranges: readonly KeyRange[]): readonly KeyPiece[] | null {
  if (key.length === 0 || key.some(({ integer }) => !integer)) return null;
  const names = key.map(({ name }) => quoteName(name));
  return joined(ranges).flatMap(({ after, upTo }) =>
    above(names, after).flatMap((low) => below(names, upTo).map((high) => [...low, ...high])),
  );
}

/** Neighbouring ranges as one. */
function joined(ranges: readonly KeyRange[]): KeyRange[] {
  const place = (bound: KeyBound | null): string => JSON.stringify(bound);
  const byStart = new Map(ranges.map((range) => [place(range.after), range]));
  const ends = new Set(ranges.filter(({ upTo }) => upTo !== null).map(({ upTo }) => place(upTo)));
  const starts = ranges.filter(({ after }) => after === null || !ends.has(place(after)));
  return starts.map(({ after, upTo }) => {
    let end = upTo;
    for (let next = end && byStart.get(place(end)); next; next = end && byStart.get(place(end))) end = next.upTo;
    return { after, upTo: end };
  });
}

/** Rows whose key is greater than `bound`: equal in the first columns and greater in the next, for each next. */
function above(names: readonly string[], bound: KeyBound | null): KeyPiece[] {
  if (bound === null) return [[]];
  return names.map((name, last) => [...equalBefore(names, bound, last), `${name} > ${bound[last]}`]);
}

/** Rows whose key is `bound` or less. */
function below(names: readonly string[], bound: KeyBound | null): KeyPiece[] {
  if (bound === null) return [[]];
  return names.map((name, last) => {
    const operator = last === names.length - 1 ? "<=" : "<";
    return [...equalBefore(names, bound, last), `${name} ${operator} ${bound[last]}`];
  });
}

function equalBefore(names: readonly string[], bound: KeyBound, count: number): string[] {
  return names.slice(0, count).map((name, i) => `${name} = ${bound[i]}`);
}

function notExpressible(table: LanedTable): Finding {
  return {
    severity: "refusal",
    code: "bridge",
    table: table.source,
    text: `Parts of table ${table.source} were read at different positions, and its key is not made of integers, so no stream's filter can tell the parts apart.`,
    todo: "Bring all rows to the newest position with `vtpipe follow --until-snapshot`, or copy the table again into an empty one in a run directory of its own.",
  };
}
