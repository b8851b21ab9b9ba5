import type { ZodType } from "zod";
import type { Column } from "./schema.ts";

/** A column on its way through a chain. `slot` is its place in {@link RowCells} and survives renames. */
export interface ChainColumn extends Column {
  readonly slot: number;
}

/** The cells of one row, by slot: bytes as MySQL prints them, or null for NULL. Valid only during the call. */
export interface RowCells {
  get(slot: number): Uint8Array | null;
  set(slot: number, value: Uint8Array | null): void;
}

/** Works on one row in place: true keeps the row, false drops it. Must be deterministic and must not hold on to the row. */
export type RowFunction = (row: RowCells) => boolean;

/** What a step sees while it is planned: the columns that reach it, and a way to add one. */
export interface StepInput {
  readonly table: string;
  readonly columns: readonly ChainColumn[];
  /** The column of that name; throws a `config` error naming table, column and the nearest right name. */
  column(name: string): ChainColumn;
  /** A new column with a slot of its own. Throws a `config` error when the name is taken or the type unknown. */
  newColumn(name: string, type: string): ChainColumn;
  /** `column` in its place and under its name, but of another type; `type` as for {@link newColumn}. NULL stays allowed where it was. */
  retype(column: ChainColumn, type: string): ChainColumn;
}

/** What a step does to a table, planned once per table and thread. */
export interface StepPlan {
  /** The columns after this step, in order. */
  readonly columns: readonly ChainColumn[];
  /** Slots whose bytes this step makes or changes. Empty: the step only renames, reorders or drops. */
  readonly writes: readonly number[];
  /** Per row work; absent when nothing is to be done row by row. */
  readonly rows?: RowFunction;
  /**
   * SQL twins: for each written slot an expression that gives the same bytes. `sql(slot)` is how the expression
   * may refer to a slot's value before this step; `bytes(slot)` gives the same value as a binary string of exactly the
   * cell's bytes, whatever the session's character set. Absent: the step is js-only.
   */
  readonly twin?: (sql: (slot: number) => string, bytes: (slot: number) => string) => ReadonlyMap<number, string>;
  readonly warnings?: readonly string[];
}

/**
 * A transform as data: what it is called, what it takes and how it is planned for a table. Built-ins and users'
 * modules are made the same way, with `defineTransform`.
 */
export interface TransformDefinition<P = unknown> {
  readonly name: string;
  /** One line, shown by `vtpipe transform list`. */
  readonly purpose: string;
  readonly parameters: ZodType<P>;
  plan(parameters: P, input: StepInput): StepPlan;
}

/** One entry of a table's `transforms` list: which transform, with which parameters. Plain data, so it crosses threads. */
export interface ConfiguredStep {
  /** The transform's name, or `use` for a user's module. */
  readonly name: string;
  /** As written in the config after `${VAR}` substitution; the definition's schema turns them into its parameters. */
  readonly parameters: unknown;
  /** Where it stands: `tables.rules.people.transforms[2].hash`. */
  readonly path: string;
}

/** Gives a definition its parameter type. */
export function defineTransform<P>(definition: TransformDefinition<P>): TransformDefinition<P> {
  return definition;
}
