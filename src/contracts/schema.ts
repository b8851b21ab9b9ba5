/** How a cell of a column is read, written and compared. Every MySQL column type maps to exactly one kind. */
export const cellKinds = [
  "integer",
  "decimal",
  "float",
  "double",
  "bit",
  "text",
  "binary",
  "enum",
  "set",
  "json",
  "date",
  "time",
  "datetime",
  "timestamp",
  "year",
  "geometry",
  "vector",
] as const;

export type CellKind = (typeof cellKinds)[number];

/** Kinds whose cells are bytes rather than text. */
export const byteKinds: ReadonlySet<CellKind> = new Set<CellKind>(["bit", "binary", "geometry", "vector"]);

/** One column as information_schema describes it, or as a transform makes it. */
export interface Column {
  readonly name: string;
  /** Full SQL type, e.g. `varchar(190)`, `bigint unsigned`, `enum('a','b')`. */
  readonly type: string;
  readonly kind: CellKind;
  readonly nullable: boolean;
  readonly unsigned: boolean;
  /** Character set of text, enum and set columns, else null. */
  readonly charset: string | null;
  readonly collation: string | null;
  /** Longest value: characters for text, bytes for binary, bits for bit; null where it does not apply. */
  readonly length: number | null;
  /** Fractional second digits of temporal types, 0..6; null for others. */
  readonly fsp: number | null;
  /** How the value comes to be; null for an ordinary column. Generated columns are never inserted. */
  readonly generated: "stored" | "virtual" | null;
  readonly invisible: boolean;
  readonly autoIncrement: boolean;
}

/** A unique, not-null, totally ordered set of columns by which a table is cut into chunks. */
export interface Key {
  /** Index name, `PRIMARY` for the primary key. */
  readonly index: string;
  /** Column names in index order. */
  readonly columns: readonly string[];
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly referencedDatabase: string;
  readonly referencedTable: string;
  readonly referencedColumns: readonly string[];
}

/** One base table of the source or target, as it is now. */
export interface TableSchema {
  readonly database: string;
  readonly name: string;
  /** All columns in ordinal order, generated and invisible ones included. */
  readonly columns: readonly Column[];
  /** Primary key columns in index order; empty without a primary key. */
  readonly primaryKey: readonly string[];
  /** The key chunks are cut by; null when there is none (the table is then one ordered stream). */
  readonly chunkKey: Key | null;
  /** All unique keys, primary included, whose columns are all NOT NULL and not prefixes. */
  readonly uniqueKeys: readonly Key[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly engine: string;
  readonly partitioned: boolean;
  /** Estimates from information_schema; rows are off by up to half for InnoDB. */
  readonly rowsEstimate: number;
  readonly bytesEstimate: number;
  /** SHOW CREATE TABLE text. */
  readonly createStatement: string;
}

export const unmovedKinds = [
  "view",
  "trigger",
  "routine",
  "event",
  "foreign key",
  "table",
  "index",
  "check",
  "partitioning",
] as const;

/** Something in the source database that does not move, listed in `plan` and `schema print`. */
export interface Unmoved {
  readonly what: (typeof unmovedKinds)[number];
  readonly name: string;
  readonly why: string;
}
