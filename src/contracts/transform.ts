import type { ZodType } from "zod";
import type { CellKind, Column } from "./schema.ts";

/** A column on its way through a chain. `slot` is its place in {@link RowCells} and survives renames. */
export interface ChainColumn extends Column {
  readonly slot: number;
}

/**
 * The cells of one row, by slot: bytes as MySQL prints them, or null for NULL. Valid only during the call. Cells are not
 * to be changed in place; a user's module gets copies, and is refused when it changes them.
 *
 * `get` and `set` are all a transform needs. The others do the same without an object per cell, which is most of what a
 * short cell costs: a step of the built-ins reads by `span` and makes its cell by `cut` or `write`.
 */
export interface RowCells {
  get(slot: number): Uint8Array | null;
  set(slot: number, value: Uint8Array | null): void;
  /** Where the cell is. Stays readable until the row's second change of the slot. */
  span(slot: number): CellSpan | null;
  /** The cell becomes a part of itself: its bytes from `from` up to and not including `to`, counted from its first one. */
  cut(slot: number, from: number, to: number): void;
  /** A new cell of at most `most` bytes: fill `bytes` from `start` on, at most so many, and set `end` behind the last one. */
  write(slot: number, most: number): NewSpan;
}

/** A cell's bytes are `bytes[start]` up to and not including `bytes[end]`. What lies around them is not the cell's. */
export interface CellSpan {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A cell in the making; empty until `end` is moved. */
export interface NewSpan extends CellSpan {
  end: number;
}

/** Works on one row in place: true keeps the row, false drops it. Must be deterministic and must not hold on to the row. */
export type RowFunction = (row: RowCells) => boolean;

/** What a step sees while it is planned: the columns that reach it, and a way to add one. */
export interface StepInput {
  readonly table: string;
  readonly columns: readonly ChainColumn[];
  /**
   * The column of that name; throws a `config` error naming table, column and the nearest right name, and one for a
   * column that is not of one of the kinds in `accepts` (null or absent: every kind).
   */
  column(name: string, accepts?: readonly CellKind[] | null): ChainColumn;
  /** A new column with a slot of its own. Throws a `config` error when the name is taken or the type unknown. */
  newColumn(name: string, type: string): ChainColumn;
  /** `column` in its place and under its name, but of another type; `type` as for {@link newColumn}. NULL stays allowed where it was. */
  retype(column: ChainColumn, type: string): ChainColumn;
  /**
   * Has the source compute `expression` over its own row, as a value of `type`. Only before steps that change something,
   * because it sees nothing of them. Gives the slot of the value, and the SQL that VReplication computes it by.
   */
  compute(column: ChainColumn, expression: string): ComputedValue;
  /** Throws a `config` error that names step and table. Both texts are full sentences. */
  refuse(message: string, todo: string): never;
}

/** A value the source computes: where it is in the row, and SQL for the same over the source's columns. */
export interface ComputedValue {
  readonly slot: number;
  readonly sql: string;
}

/** SQL for the value of a slot. */
export type SqlOf = (slot: number) => string;

/** What a step does to a table, planned once per table and thread. */
export interface StepPlan {
  /** The columns after this step, in order. */
  readonly columns: readonly ChainColumn[];
  /** Slots whose bytes this step makes or changes. Empty: the step only renames, reorders or drops. */
  readonly writes: readonly number[];
  /** Slots this step looks at, besides those it writes. */
  readonly reads?: readonly number[];
  /** Slots whose values pass on purpose: a decision for `policy`, and no secret to `verify --leaks`. */
  readonly keeps?: readonly number[];
  /** Per row work; absent when nothing is to be done row by row. */
  readonly rows?: RowFunction;
  /**
   * SQL twins: for each written slot an expression of the same value, which printed as text gives the cell's bytes. `sql`
   * is a slot's value before this step, of its column's type, text as utf8mb4; `bytes` is the same value as a binary
   * string of exactly the cell's bytes. VReplication puts values in place of columns and runs with SET NAMES binary, so
   * an expression says the character set of every text. Absent: the step is js-only.
   */
  readonly twin?: (sql: SqlOf, bytes: SqlOf) => ReadonlyMap<number, string>;
  /**
   * For a step that drops rows: which ones stay, as a condition that VReplication's source understands, that is columns
   * compared with literals, joined by AND. `name` is the quoted source column of a slot in `reads`. Absent: js-only.
   */
  readonly filter?: (name: SqlOf) => string;
  readonly warnings?: readonly string[];
  /** Written slots in which different values may become equal, each with a full sentence; said where a unique key has the column. */
  readonly collisions?: readonly { readonly slot: number; readonly text: string }[];
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
  /** What the reference tells beyond that; every built-in has it. */
  readonly facts?: TransformFacts;
  /**
   * false: it reshapes values that may be seen (case, blanks, types), rather than take them out of sight. `verify --leaks` does
   * not look for what only such steps changed, and a sensitive column is warned of all the same.
   */
  readonly hides?: boolean;
  /**
   * Why it may make other bytes of the same row another time, as a full sentence; absent: it never does. A run that goes
   * on mixes rows made before and after, so `vtpipe transform preview` warns of such a step.
   */
  readonly varies?: string;
  plan(parameters: P, input: StepInput): StepPlan;
}

/** What people have to know of a transform before they use it. Full sentences, but for `accepts`. */
export interface TransformFacts {
  /** Kinds of columns it takes; null: every kind. */
  readonly accepts: readonly CellKind[] | null;
  /** What becomes of NULL. */
  readonly nulls: string;
  /** Whether it has an SQL twin, or why it has none. */
  readonly twin: string;
  /** Whether different values may become equal, which a unique key over the column refuses. */
  readonly collisions: string;
}

/** One entry of a table's `transforms` list: which transform, with which parameters. Plain data, so it crosses threads. */
export interface ConfiguredStep {
  /** The transform's name, or `use` for a user's module. */
  readonly name: string;
  /** As written in the config after `${VAR}` substitution; the definition's schema turns them into its parameters. */
  readonly parameters: unknown;
  /** The condition under which rows go through the step, as written in the config; absent: all do. */
  readonly when?: unknown;
  /** Where it stands: `tables.rules.people.transforms[2].hash`. */
  readonly path: string;
}

/** Gives a definition its parameter type. */
export function defineTransform<P>(definition: TransformDefinition<P>): TransformDefinition<P> {
  return definition;
}
