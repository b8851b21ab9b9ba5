import type { TableSchema, Unmoved } from "../contracts/schema.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import {
  type CatalogTable,
  readColumns,
  readForeignKeys,
  readTables,
  readUniqueIndexes,
  type Scope,
} from "./catalog.ts";
import { chooseChunkKey } from "./chunk-key.ts";
import { errnoOf } from "./errno.ts";
import { readUnmoved } from "./unmoved.ts";

export interface Inspection {
  /** Base tables in name order, of any engine: preflight refuses those that have no consistent snapshot. */
  readonly tables: readonly TableSchema[];
  readonly unmoved: readonly Unmoved[];
}

/**
 * Everything in a source database that the session's account may see. `createStatement` is empty where the definition is not
 * needed.
 */
export async function inspectDatabase(
  session: Session,
  database: string,
  needsDefinition?: NeedsDefinition,
): Promise<Inspection> {
  // With an expiry, asking for statistics makes the server store them in its dictionary; 0 only reads.
  await session.run("SET SESSION information_schema_stats_expiry = 0");
  const { schemas, others } = await inspect(session, { database, tables: null }, needsDefinition);
  return { tables: schemas, unmoved: await readUnmoved(session, database, schemas, others) };
}

/** Is the CREATE statement of this table wanted? It is a question for each table, the rest is one for all. */
export type NeedsDefinition = (schema: Omit<TableSchema, "createStatement">) => boolean;

/**
 * Those of the named base tables that exist, in name order. `database` is the name the server itself uses: for a
 * session targeted at a shard that is `vt_<keyspace>`, what `SELECT DATABASE()` answers there. Where the definition is not
 * needed, `createStatement` is empty.
 */
export async function inspectTables(
  session: Session,
  database: string,
  names: readonly string[],
  needsDefinition: NeedsDefinition = () => true,
): Promise<readonly TableSchema[]> {
  return (await inspect(session, { database, tables: names }, needsDefinition)).schemas;
}

async function inspect(
  session: Session,
  scope: Scope,
  needsDefinition: NeedsDefinition = () => true,
): Promise<{ schemas: readonly TableSchema[]; others: readonly CatalogTable[] }> {
  const listed = await readTables(session, scope);
  const columns = await readColumns(session, scope);
  const uniques = await readUniqueIndexes(session, scope);
  const foreignKeys = await readForeignKeys(session, scope);
  const schemas: TableSchema[] = [];
  for (const table of listed) {
    if (table.isView || table.engine === null) continue;
    const own = columns.get(table.name) ?? [];
    const keys = uniques.get(table.name) ?? [];
    const schema = {
      database: scope.database,
      name: table.name,
      columns: own,
      primaryKey: keys.find((key) => key.index === "PRIMARY")?.columns ?? [],
      chunkKey: chooseChunkKey(own, keys),
      uniqueKeys: keys.map(({ index, columns: parts }) => ({ index, columns: parts })),
      foreignKeys: foreignKeys.get(table.name) ?? [],
      engine: table.engine,
      partitioned: table.partitioned,
      rowsEstimate: table.rows,
      bytesEstimate: table.bytes,
    };
    const isNeeded = needsDefinition(schema);
    const createStatement = isNeeded ? await createStatementIfAllowed(session, scope.database, table.name) : "";
    schemas.push({ ...schema, createStatement });
  }
  return { schemas, others: listed.filter((table) => table.isView || table.engine === null) };
}

/** Empty for an account that may read single columns only; preflight names the missing grant. */
async function createStatementIfAllowed(session: Session, database: string, table: string): Promise<string> {
  try {
    return await readCreateStatement(session, database, table);
  } catch (error) {
    if (errnoOf(error) === tableAccessDenied) return "";
    throw error;
  }
}

const tableAccessDenied = 1142;

export async function readCreateStatement(session: Session, database: string, table: string): Promise<string> {
  const [row] = await session.query(`SHOW CREATE TABLE ${quoteTable(database, table)}`);
  return row?.["Create Table"] ?? "";
}
