import type { Random } from "./random.ts";

/** A table of the sample database and how its rows come about. */
export interface SampleTable {
  readonly name: string;
  /** CREATE TABLE, without a database. */
  readonly create: string;
  /** Columns that are inserted, in the order of a row's values. */
  readonly columns: readonly string[];
  /** How many rows `row` makes at scale 1. */
  readonly rows: number;
  /** SQL literals of row number `index`, from 0. Called once per row in order; takes all chance from `random`. */
  readonly row: (random: Random, index: number) => readonly string[];
  /** Rows that are always there, before the others. */
  readonly first?: readonly (readonly string[])[];
}
