import { asVtpipeError } from "../../contracts/errors.ts";
import { quoteName, quoteString } from "../../mysql/identifiers.ts";
import type { Vtctld } from "../../vitess/vtctld/client.ts";
import { resultRows } from "../../vitess/vtctld/query-result.ts";
import { aliasText, type TabletAlias } from "../view.ts";
import type { AccountFacts, CheckedTable, ForeignKeyRule, ServerFacts } from "./facts.ts";

const mostRows = 10_000;

const variableNames = [
  "server_uuid",
  "version",
  "log_bin",
  "log_replica_updates",
  "log_slave_updates",
  "binlog_format",
  "binlog_row_image",
  "binlog_expire_logs_seconds",
  "binlog_expire_logs_auto_purge",
  "gtid_mode",
  "sql_mode",
  "super_read_only",
  "innodb_native_foreign_keys",
];

/** What streams need of the MySQL behind a tablet. */
export async function readServer(
  vtctld: Vtctld,
  alias: TabletAlias,
  primary: boolean,
  database: string,
): Promise<ServerFacts> {
  const names = variableNames.map(quoteString).join(", ");
  const variables = await ask(vtctld, alias, `show global variables where variable_name in (${names})`);
  // SHOW VARIABLES cuts long values, which GTID sets may be.
  const [sets = {}] = await ask(
    vtctld,
    alias,
    "select @@global.gtid_executed as executed, @@global.gtid_purged as purged",
  );
  return {
    tablet: aliasText(alias),
    primary,
    database,
    variables: new Map(variables.map((row) => [(row["Variable_name"] ?? "").toLowerCase(), row["Value"] ?? ""])),
    executed: (sets["executed"] ?? "").replaceAll(/\s/g, ""),
    purged: (sets["purged"] ?? "").replaceAll(/\s/g, ""),
    foreignKeys: await readForeignKeys(vtctld, alias),
    unreadable: await unreadableNames(vtctld, alias),
  };
}

async function unreadableNames(vtctld: Vtctld, alias: TabletAlias): Promise<string[]> {
  const query =
    "select table_name as name from information_schema.tables where table_schema = database() and table_name like '%`%'";
  return (await ask(vtctld, alias, query)).map(({ name }) => name ?? "");
}

async function readForeignKeys(vtctld: Vtctld, alias: TabletAlias): Promise<ForeignKeyRule[]> {
  const rows = await ask(
    vtctld,
    alias,
    `select constraint_name as name, table_name as child, referenced_table_name as parent,
       delete_rule as on_delete, update_rule as on_update
     from information_schema.referential_constraints where constraint_schema = database()`,
  );
  return rows.map((row) => ({
    name: row["name"] ?? "",
    table: row["child"] ?? "",
    parent: row["parent"] ?? "",
    onDelete: row["on_delete"] ?? "",
    onUpdate: row["on_update"] ?? "",
  }));
}

/** The target tables that hold rows. */
export async function filledTables(
  vtctld: Vtctld,
  alias: TabletAlias,
  tables: readonly CheckedTable[],
): Promise<string[]> {
  const names = tables.map(({ target }) => quoteString(target)).join(", ");
  if (names === "") return [];
  const there = await ask(
    vtctld,
    alias,
    `select table_name as name from information_schema.tables where table_schema = database() and table_name in (${names})`,
  );
  const looks = there.map(
    ({ name }) =>
      `select ${quoteString(name ?? "")} as name from dual where exists (select 1 from ${quoteName(name ?? "")})`,
  );
  if (looks.length === 0) return [];
  return (await ask(vtctld, alias, looks.join(" union all "))).map(({ name }) => name ?? "");
}

/** Those of the named time zones that the server does not know. */
export async function unknownZones(vtctld: Vtctld, alias: TabletAlias, zones: readonly string[]): Promise<string[]> {
  if (zones.length === 0) return [];
  const looks = zones.map((zone) => `convert_tz('2024-01-01 00:00:00', '+00:00', ${quoteString(zone)})`);
  const [row = {}] = await ask(vtctld, alias, `select ${looks.map((sql, i) => `${sql} as z${i}`).join(", ")}`);
  return zones.filter((_, i) => row[`z${i}`] === null);
}

/** Is `_vt.vreplication` there? null: it cannot be told. */
export async function hasSidecar(vtctld: Vtctld, alias: TabletAlias): Promise<boolean | null> {
  try {
    await ask(vtctld, alias, "select id from _vt.vreplication limit 1");
    return true;
  } catch (error) {
    const { message, code } = asVtpipeError(error);
    if (code === "interrupted") throw error;
    return /errno 1146|doesn't exist|Unknown database/.test(message) ? false : null;
  }
}

/** Counts only: what the sessions do is nobody's business. Those of the account that asks are the tablet's. */
export async function readAccounts(vtctld: Vtctld, alias: TabletAlias): Promise<AccountFacts[]> {
  try {
    const rows = await ask(
      vtctld,
      alias,
      `select user as user, substring_index(host, ':', 1) as host, count(*) as sessions from information_schema.processlist
       where user not in ('system user', 'event_scheduler') and command not like 'Binlog Dump%'
         and user <> substring_index(user(), '@', 1) and (db is null or db = database())
       group by 1, 2`,
    );
    return rows.map((row) => ({
      user: row["user"] ?? "",
      host: row["host"] ?? "",
      sessions: Number(row["sessions"] ?? "0"),
    }));
  } catch (error) {
    if (asVtpipeError(error).code === "interrupted") throw error;
    return [];
  }
}

async function ask(vtctld: Vtctld, tabletAlias: TabletAlias, query: string): Promise<Record<string, string | null>[]> {
  const { result } = await vtctld.call("ExecuteFetchAsDBA", { tabletAlias, query, maxRows: mostRows });
  return resultRows(result);
}
