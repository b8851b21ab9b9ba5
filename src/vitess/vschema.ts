import { asVtpipeError, VtpipeError } from "../contracts/errors.ts";
import { didYouMean } from "../contracts/nearest-name.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";

/** The vindex that decides a row's shard. */
export interface PrimaryVindex {
  readonly name: string;
  readonly type: string;
  /** As vtgate prints them: `key=value; key=value`. */
  readonly params: string;
  /** As vtgate prints them, several joined by ", ". A vindex computed here has one column, so it is its name. */
  readonly columns: string;
}

/** What vtgate knows about placing the rows of one table. */
export interface VschemaTable {
  readonly name: string;
  /** null: unsharded, or in a sharded keyspace a reference table, which every shard has a copy of. */
  readonly primaryVindex: PrimaryVindex | null;
  /** Lookup vindexes whose tables only vtgate fills when rows are inserted, by name. */
  readonly ownedLookups: readonly string[];
}

const fact = (row: Record<string, string | null>, name: string): string => row[name] ?? "";

/** Vindex name to owning table. SHOW VSCHEMA VINDEXES ON a table leaves the owner empty, only the full list has it. */
async function readOwners(session: Session, keyspace: string): Promise<Map<string, string>> {
  const rows = await session.query("SHOW VSCHEMA VINDEXES");
  return new Map(
    rows.filter((row) => fact(row, "Keyspace") === keyspace).map((row) => [fact(row, "Name"), fact(row, "Owner")]),
  );
}

/** An unsharded keyspace needs no vschema: every table is where it is. */
async function isSharded(session: Session, keyspace: string): Promise<boolean> {
  const rows = await session.query("SHOW VSCHEMA KEYSPACES");
  return rows.find((row) => fact(row, "Keyspace") === keyspace)?.["Sharded"] !== "false";
}

/** The vindexes of a table, the primary one first; null when the vschema does not have the table. */
async function readVindexes(session: Session, keyspace: string, table: string): Promise<PrimaryVindex[] | null> {
  try {
    const rows = await session.query(`SHOW VSCHEMA VINDEXES ON ${quoteTable(keyspace, table)}`);
    return rows.map((row) => ({
      name: fact(row, "Name"),
      type: fact(row, "Type"),
      params: fact(row, "Params"),
      columns: fact(row, "Columns"),
    }));
  } catch (error) {
    // SHOW VSCHEMA TABLES also lists tables that vtgate only saw on the shards; this one tells them apart (VT05005).
    if (asVtpipeError(error).context["errno"] === NO_SUCH_TABLE) return null;
    throw error;
  }
}

const NO_SUCH_TABLE = 1146;

/** Reads where vtgate places rows of `tables`. The session must be in the keyspace, not shard-targeted. */
export async function readVschema(
  session: Session,
  keyspace: string,
  tables: readonly string[],
): Promise<VschemaTable[]> {
  if (!(await isSharded(session, keyspace))) {
    return tables.map((name) => ({ name, primaryVindex: null, ownedLookups: [] }));
  }
  const owners = await readOwners(session, keyspace);
  const found: VschemaTable[] = [];
  for (const name of tables) {
    const vindexes = await readVindexes(session, keyspace, name);
    if (vindexes === null) throw notInVschema(keyspace, name, await readTableNames(session));
    found.push({
      name,
      primaryVindex: vindexes[0] ?? null,
      ownedLookups: vindexes.filter((vindex) => owners.get(vindex.name) === name).map((vindex) => vindex.name),
    });
  }
  return found;
}

async function readTableNames(session: Session): Promise<string[]> {
  return (await session.query("SHOW VSCHEMA TABLES")).map((row) => Object.values(row)[0] ?? "");
}

function notInVschema(keyspace: string, table: string, known: readonly string[]): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: `Table ${table} is not in the vschema of keyspace ${keyspace}.${didYouMean(
      table,
      known.filter((name) => name !== table),
    )}`,
    now: "Nothing was changed.",
    todo: `Add it: ALTER VSCHEMA ON ${quoteTable(keyspace, table)} ADD VINDEX …, or vtctldclient ApplyVSchema.`,
    context: { table, keyspace },
  });
}
