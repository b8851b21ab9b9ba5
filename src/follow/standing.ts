import { type Gtid, type GtidSet, hasGtid, includesSet, intersection, union } from "../mysql/gtid-set.ts";

/** The positions at which a table's chunks were read. */
export interface TablePositions {
  /** Transactions that every row of the table has seen. */
  readonly known: GtidSet;
  /** Transactions that some row has seen. */
  readonly reached: GtidSet;
}

/** What a transaction means to a table: it is in all its rows, in some of them, or in none. */
export type Standing = "known" | "partly" | "new";

/** From the positions of a table's chunks; at least one. */
export function positionsOf(chunks: readonly GtidSet[]): TablePositions {
  const [first, ...others] = chunks;
  if (first === undefined) throw new RangeError("a table without chunks has no position");
  return {
    known: others.reduce(intersection, first),
    reached: others.reduce(union, first),
  };
}

export function standingOf({ known, reached }: TablePositions, gtid: Gtid): Standing {
  if (hasGtid(known, gtid)) return "known";
  return hasGtid(reached, gtid) ? "partly" : "new";
}

/** Where reading begins: everything before is in every row of every table. */
export function startPosition(tables: readonly TablePositions[]): GtidSet {
  const [first, ...others] = tables.map(({ known }) => known);
  return others.reduce(intersection, first ?? new Map());
}

/** Where all tables are at the newest snapshot. */
export function newestPosition(tables: readonly TablePositions[]): GtidSet {
  return tables.map(({ reached }) => reached).reduce(union, new Map());
}

/** Was every row of the table read at one position? */
export function isWhole({ known, reached }: TablePositions): boolean {
  return includesSet(known, reached);
}
