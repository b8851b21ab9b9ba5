import { VtpipeError } from "../contracts/errors.ts";
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

/** Reads where vtgate places rows of `tables`. The session must be in the keyspace, not shard-targeted. */
export async function readVschema(
  session: Session,
  keyspace: string,
  tables: readonly string[],
): Promise<VschemaTable[]> {
  const known = (await session.query("SHOW VSCHEMA TABLES")).map((row) => Object.values(row)[0] ?? "");
  const owners = await readOwners(session, keyspace);
  const found: VschemaTable[] = [];
  for (const name of tables) {
    if (!known.includes(name)) throw notInVschema(keyspace, name, known);
    const rows = await session.query(`SHOW VSCHEMA VINDEXES ON ${quoteTable(keyspace, name)}`);
    const vindexes = rows.map((row) => ({
      name: fact(row, "Name"),
      type: fact(row, "Type"),
      params: fact(row, "Params"),
      columns: fact(row, "Columns"),
    }));
    found.push({
      name,
      primaryVindex: vindexes[0] ?? null,
      ownedLookups: vindexes.filter((vindex) => owners.get(vindex.name) === name).map((vindex) => vindex.name),
    });
  }
  return found;
}

function notInVschema(keyspace: string, table: string, known: readonly string[]): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: `Table ${table} is not in the vschema of keyspace ${keyspace}.${didYouMean(table, known)}`,
    now: "Nothing was changed.",
    todo: `Add it: ALTER VSCHEMA ON ${quoteTable(keyspace, table)} ADD VINDEX …, or vtctldclient ApplyVSchema.`,
    context: { table, keyspace },
  });
}
