import * as z from "zod";
import { byteKinds } from "./schema.ts";
import type { ChainColumn, RowCells, StepInput, TransformDefinition, TransformFacts } from "./transform.ts";

/** A table as `vtpipe types` writes it: per column what its cells are to a row function; readonly where it is generated. */
export type TableCells = object;

/**
 * Cells of a column that is made with this SQL type: bytes for the binary types, else the text MySQL prints, numbers as
 * texts of numbers so that they are exact; and null unless it is NOT NULL.
 */
export type CellOf<Type extends string> = CellText<Lowercase<Type>> | NullOf<Lowercase<Type>>;

type CellText<Type extends string> = Type extends `${ByteType}${string}`
  ? Uint8Array
  : Type extends `${IntegerType}${string}`
    ? `${bigint}`
    : Type extends `${NumberType}${string}`
      ? `${number}`
      : string;
type NullOf<Type extends string> = Type extends `${string}not null${string}` ? never : null;
type IntegerType = "int" | "tinyint" | "smallint" | "mediumint" | "bigint" | "bool";
type NumberType = "decimal" | "dec" | "numeric" | "fixed" | "float" | "double" | "real" | "year";
type ByteType =
  | ("bit" | "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" | "vector" | "geom" | "point")
  | ("linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon");

/** Names of the columns that a step can write. */
export type WritableColumn<Table extends TableCells> = {
  [Name in keyof Table]-?: Same<Pick<Table, Name>, { -readonly [Only in Name]: Table[Only] }> extends true
    ? Name
    : never;
}[keyof Table];

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** A row to its function: what it reads, which is readonly, what it writes and what it adds. Valid only during the call. */
export type RowOf<
  Table extends TableCells,
  Read extends keyof Table,
  Written extends keyof Table,
  Added extends Readonly<Record<string, string>>,
> = Readonly<Pick<Table, Exclude<Read, Written>>> & {
  -readonly [Name in Written]: Table[Name];
} & { -readonly [Name in keyof Added]: CellOf<Added[Name]> };

/** A transform that works on one table's rows by the names of its columns. */
export interface RowTransform<
  Table extends TableCells,
  P,
  Read extends keyof Table & string,
  Written extends WritableColumn<Table> & string,
  Added extends Readonly<Record<string, string>>,
> {
  readonly name: string;
  readonly purpose: string;
  /** Default: none are taken. */
  readonly parameters?: z.ZodType<P>;
  readonly facts?: TransformFacts;
  readonly hides?: boolean;
  readonly varies?: string;
  /** Columns it looks at. */
  readonly reads?: readonly Read[];
  /** Columns it changes; it may look at them too. */
  readonly writes?: readonly Written[];
  /** New columns with their SQL types, like `varchar(20)`; NULL until they are set. */
  readonly adds?: Added;
  /** Once per row: true keeps it, false drops it. Must be deterministic. */
  row(row: RowOf<Table, Read, Written, Added>, parameters: P): boolean;
}

/**
 * A transform whose row function is checked against a table of the file that `vtpipe types` writes:
 * `defineRowTransform<Source["shop.people"]>()({ … })`. Two calls, because the first names the table and the second
 * is inferred. Text is decoded and encoded as UTF-8; `defineTransform` works on the bytes themselves.
 */
export function defineRowTransform<Table extends TableCells = Readonly<Record<string, never>>>(): <
  P = Readonly<Record<string, never>>,
  Read extends keyof Table & string = never,
  Written extends WritableColumn<Table> & string = never,
  const Added extends Readonly<Record<string, string>> = Readonly<Record<never, string>>,
>(
  transform: RowTransform<Table, P, Read, Written, Added>,
) => TransformDefinition<P> {
  return (transform) => {
    const { name, purpose, facts, hides, varies, reads = [], writes = [] } = transform;
    const adds: Readonly<Record<string, string>> = transform.adds ?? {};
    const row = transform.row as (row: object, parameters: unknown) => boolean;
    return {
      name,
      purpose,
      parameters: transform.parameters ?? (z.strictObject({}) as unknown as z.ZodType<never>),
      ...(facts === undefined ? {} : { facts }),
      ...(hides === undefined ? {} : { hides }),
      ...(varies === undefined ? {} : { varies }),
      plan(parameters, input) {
        const read = columnsNamed(input, reads);
        const written = columnsNamed(input, writes);
        const added = Object.entries(adds).map(([name, type]): NamedColumn => [name, input.newColumn(name, type)]);
        const view = rowView(read, [...written, ...added]);
        const slots = (columns: readonly NamedColumn[]): number[] => columns.map(([, { slot }]) => slot);
        return {
          columns: [...input.columns, ...added.map(([, column]) => column)],
          reads: slots(read),
          writes: slots([...written, ...added]),
          rows(cells) {
            view.turnTo(cells);
            return row(view.row, parameters);
          },
        };
      },
    };
  };
}

/** A column under the name its definition has for it. */
type NamedColumn = readonly [name: string, column: ChainColumn];

function columnsNamed(input: StepInput, names: readonly string[]): NamedColumn[] {
  return names.map((name) => [name, input.column(name)]);
}

/** One object for all rows, with a property per column; a name it does not have is an error even without a compiler. */
function rowView(
  read: readonly NamedColumn[],
  written: readonly NamedColumn[],
): { readonly row: object; turnTo(cells: RowCells): void } {
  let cells: RowCells;
  const row: object = Object.create(null);
  for (const [name, { slot, kind }] of new Map([...read, ...written])) {
    const isBytes = byteKinds.has(kind);
    const get = (): string | Uint8Array | null => {
      const value = cells.get(slot);
      return value === null || isBytes ? value : textOf(value);
    };
    const set = (value: unknown): void => {
      if (value !== null && typeof value !== "string" && !(value instanceof Uint8Array)) {
        throw new TypeError(`it set column "${name}" to ${wordFor(value)} instead of a text, bytes or null`);
      }
      cells.set(slot, typeof value === "string" ? Buffer.from(value) : value);
    };
    const writable = written.some(([other]) => other === name);
    Object.defineProperty(row, name, { get, ...(writable ? { set } : {}), enumerable: true });
  }
  Object.preventExtensions(row);
  return {
    row,
    turnTo(next) {
      cells = next;
    },
  };
}

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");

function wordFor(value: unknown): string {
  return value === undefined ? "undefined" : `a ${typeof value}`;
}
