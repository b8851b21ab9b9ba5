import type { Column, ForeignKey } from "../contracts/schema.ts";
import { parseColumnType } from "../mysql/column-type.ts";
import { quoteString } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import type { UniqueIndex } from "./chunk-key.ts";

/** One information_schema query per kind of fact, however many tables: thousands of tables cost the same few reads. */
export interface Scope {
  readonly database: string;
  /** null: every table of the database. */
  readonly tables: readonly string[] | null;
}

export interface CatalogTable {
  readonly name: string;
  readonly isView: boolean;
  /** null when the server cannot open the table. */
  readonly engine: string | null;
  readonly partitioned: boolean;
  readonly rows: number;
  readonly bytes: number;
}

type Row = Record<string, string | null>;

const text = (row: Row, name: string): string => row[name] ?? "";
const within = (scope: Scope, schema = "TABLE_SCHEMA", table = "TABLE_NAME"): string =>
  `${schema} = ${quoteString(scope.database)}` +
  (scope.tables === null ? "" : ` AND ${table} IN (${["", ...scope.tables].map(quoteString).join(", ")})`);

/** Gathers values under their table's name, keeping order. */
function group<T>(rows: readonly Row[], make: (row: Row) => T): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = text(row, "t");
    const list = groups.get(name);
    if (list === undefined) groups.set(name, [make(row)]);
    else list.push(make(row));
  }
  return groups;
}

export async function readTables(session: Session, scope: Scope): Promise<CatalogTable[]> {
  const rows = await session.query(
    `SELECT TABLE_NAME AS t, TABLE_TYPE AS kind, ENGINE AS engine, CREATE_OPTIONS AS options,
       COALESCE(TABLE_ROWS, 0) AS row_count, COALESCE(DATA_LENGTH, 0) AS bytes
     FROM information_schema.TABLES WHERE ${within(scope)} ORDER BY TABLE_NAME`,
  );
  return rows.map((row) => ({
    name: text(row, "t"),
    isView: text(row, "kind").endsWith("VIEW"),
    engine: row["engine"] ?? null,
    partitioned: /\bpartitioned\b/i.test(text(row, "options")),
    rows: Number(row["row_count"]),
    bytes: Number(row["bytes"]),
  }));
}

export async function readColumns(session: Session, scope: Scope): Promise<Map<string, Column[]>> {
  const rows = await session.query(
    `SELECT TABLE_NAME AS t, COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable, EXTRA AS extra,
       CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation
     FROM information_schema.COLUMNS WHERE ${within(scope)} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
  );
  return group(rows, columnOf);
}

function columnOf(row: Row): Column {
  const type = text(row, "type");
  const extra = text(row, "extra").toUpperCase();
  const { kind, unsigned, length, fsp } = parseColumnType(type);
  // The catalog gives JSON no character set but a few forks do; cells of other kinds have none that matters.
  const hasCharset = kind === "text" || kind === "enum" || kind === "set";
  return {
    name: text(row, "name"),
    type,
    kind,
    nullable: row["nullable"] === "YES",
    unsigned,
    charset: hasCharset ? (row["charset"] ?? null) : null,
    collation: hasCharset ? (row["collation"] ?? null) : null,
    length,
    fsp,
    // `DEFAULT_GENERATED` marks an expression default, which is an ordinary column.
    generated: extra.includes("STORED GENERATED") ? "stored" : extra.includes("VIRTUAL GENERATED") ? "virtual" : null,
    invisible: extra.includes("INVISIBLE"),
    autoIncrement: extra.includes("AUTO_INCREMENT"),
  };
}

/** Unique indexes over whole NOT NULL columns: no prefix parts, no expressions. */
export async function readUniqueIndexes(session: Session, scope: Scope): Promise<Map<string, UniqueIndex[]>> {
  const rows = await session.query(
    `SELECT TABLE_NAME AS t, INDEX_NAME AS name, COLUMN_NAME AS col, SUB_PART AS prefix, NULLABLE AS nullable,
       COLLATION AS direction, IS_VISIBLE AS visible
     FROM information_schema.STATISTICS WHERE ${within(scope)} AND NON_UNIQUE = 0
     ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  );
  const tables = new Map<string, UniqueIndex[]>();
  for (const [table, parts] of group(rows, (row) => row)) {
    const indexes: UniqueIndex[] = [];
    for (const index of new Set(parts.map((part) => text(part, "name")))) {
      const own = parts.filter((part) => part["name"] === index);
      if (own.some((part) => part["col"] === null || part["prefix"] !== null || part["nullable"] === "YES")) continue;
      indexes.push({
        index,
        columns: own.map((part) => text(part, "col")),
        visible: own.every((part) => part["visible"] !== "NO"),
        mixedOrder: new Set(own.map((part) => part["direction"])).size > 1,
      });
    }
    tables.set(table, indexes);
  }
  return tables;
}

export async function readForeignKeys(session: Session, scope: Scope): Promise<Map<string, ForeignKey[]>> {
  const rows = await session.query(
    `SELECT TABLE_NAME AS t, CONSTRAINT_NAME AS name, COLUMN_NAME AS col, REFERENCED_TABLE_SCHEMA AS ref_database,
       REFERENCED_TABLE_NAME AS ref_table, REFERENCED_COLUMN_NAME AS ref_col
     FROM information_schema.KEY_COLUMN_USAGE WHERE ${within(scope)} AND REFERENCED_TABLE_NAME IS NOT NULL
     ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`,
  );
  const tables = new Map<string, ForeignKey[]>();
  for (const [table, parts] of group(rows, (row) => row)) {
    const names = new Set(parts.map((part) => text(part, "name")));
    tables.set(
      table,
      Array.from(names, (name) => {
        const own = parts.filter((part) => part["name"] === name);
        return {
          name,
          columns: own.map((part) => text(part, "col")),
          referencedDatabase: text(own[0] ?? {}, "ref_database"),
          referencedTable: text(own[0] ?? {}, "ref_table"),
          referencedColumns: own.map((part) => text(part, "ref_col")),
        };
      }),
    );
  }
  return tables;
}
