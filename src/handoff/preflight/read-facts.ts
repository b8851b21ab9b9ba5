import { asVtpipeError } from "../../contracts/errors.ts";
import { quoteName, quoteString } from "../../mysql/identifiers.ts";
import type { Vtctld } from "../../vitess/vtctld/client.ts";
import type { VtctldMessage } from "../../vitess/vtctld/field.ts";
import { resultRows } from "../../vitess/vtctld/query-result.ts";
import { readTabletVersion } from "../../vitess/vtctld/version.ts";
import type { HandoffPlan } from "../plan.ts";
import { findSequences, sequenceUses } from "../sequences.ts";
import { aliasText, type HandoffView, type ShardView, type TabletAlias } from "../view.ts";
import type {
  AccountFacts,
  CellFacts,
  CheckedTable,
  ForeignKeyRule,
  HandoffFacts,
  ServerFacts,
  SilentTablet,
  TabletFacts,
  TargetServerFacts,
} from "./facts.ts";
import { readingTablets } from "./reading-tablets.ts";
import { zonesIn } from "./zones.ts";

/** What the caller knows, and what is to be looked at. */
export type KnownFacts = Pick<
  HandoffFacts,
  "moment" | "plan" | "view" | "tables" | "source" | "position" | "begun" | "forecast"
> & {
  /** By alias, whether vtgate sees the tablet serving. */
  readonly serving: ReadonlyMap<string, boolean>;
};

const mostRows = 10_000;

/** Asks vtctld and, through it, the MySQL servers behind the tablets. Changes nothing. */
export async function readHandoffFacts(vtctld: Vtctld, known: KnownFacts): Promise<HandoffFacts> {
  const { plan, view, tables, serving } = known;
  const { sourceKeyspace, targetKeyspace } = view.names;
  const [cells, sourceTablets, targetTablets, vschema] = await Promise.all([
    readCells(vtctld),
    readTablets(vtctld, sourceKeyspace, serving),
    readTablets(vtctld, targetKeyspace, serving),
    vtctld.call("GetVSchema", { keyspace: targetKeyspace }).then(({ vSchema }) => vSchema ?? noVschema),
  ]);
  const silent: SilentTablet[] = [];
  const servers = await readSourceServers(vtctld, plan, view, sourceTablets, cells, silent);
  const targets = await readTargetServers(vtctld, view, tables, silent);
  const primary = view.sourceShards[0];
  return {
    ...known,
    cells,
    sourceTablets: sourceTablets.map(({ facts }) => facts),
    targetTablets: targetTablets.map(({ facts }) => facts),
    servers,
    targets,
    versions: await readVersions([...sourceTablets, ...targetTablets]),
    silent,
    sidecar: primary === undefined ? null : await hasSidecar(vtctld, primary.primary),
    accounts: primary === undefined ? [] : await readAccounts(vtctld, primary.primary),
    vschema,
    sequences: await findSequences(vtctld, sequenceUses(vschema, tables)),
  };
}

const noVschema: VtctldMessage<"Vschema"> = {
  sharded: false,
  vindexes: {},
  tables: {},
  requireExplicitRouting: false,
  foreignKeyMode: "unspecified",
  multiTenantSpec: null,
};

async function readCells(vtctld: Vtctld): Promise<CellFacts> {
  const [{ names }, { aliases }] = await Promise.all([
    vtctld.call("GetCellInfoNames", {}),
    vtctld.call("GetCellsAliases", {}),
  ]);
  return { known: names, aliases: new Map(Object.entries(aliases).map(([name, { cells }]) => [name, cells])) };
}

interface FoundTablet {
  readonly alias: TabletAlias;
  /** For its web port, which tells its version. */
  readonly tablet: VtctldMessage<"Tablet">;
  readonly facts: TabletFacts;
}

async function readTablets(
  vtctld: Vtctld,
  keyspace: string,
  serving: ReadonlyMap<string, boolean>,
): Promise<FoundTablet[]> {
  const { tablets } = await vtctld.call("GetTablets", { keyspace });
  return tablets.flatMap((tablet): FoundTablet[] => {
    const { alias, shard, type } = tablet;
    if (alias === null) return [];
    const name = aliasText(alias);
    const facts = { alias: name, cell: alias.cell, shard, type: String(type), serving: serving.get(name) ?? null };
    return [{ alias, tablet, facts }];
  });
}

/** Of the primaries: streams run in those of the target, and a switch is made by all. */
async function readVersions(tablets: readonly FoundTablet[]): Promise<Record<string, string | null>> {
  const primaries = tablets.filter(({ facts }) => facts.type === "PRIMARY");
  const versions = primaries.map(async ({ tablet, facts }) => [facts.alias, await readTabletVersion(tablet)] as const);
  return Object.fromEntries(await Promise.all(versions));
}

async function readSourceServers(
  vtctld: Vtctld,
  plan: HandoffPlan,
  view: HandoffView,
  tablets: readonly FoundTablet[],
  cells: CellFacts,
  silent: SilentTablet[],
): Promise<ServerFacts[]> {
  const all = tablets.map(({ facts }) => facts);
  const primaries = new Map(view.sourceShards.map((shard) => [aliasText(shard.primary), shard]));
  const reading = new Set(
    view.sourceShards.flatMap(({ name }) => readingTablets(plan, all, name, view.targetShards, cells)),
  );
  const asked = tablets.filter(({ facts }) => primaries.has(facts.alias) || reading.has(facts));
  const servers = asked.map(({ alias, facts }) => {
    const shard = primaries.get(facts.alias) ?? view.sourceShards.find(({ name }) => name === facts.shard);
    return heard(
      readServer(vtctld, alias, primaries.has(facts.alias), shard?.database ?? ""),
      alias,
      primaries.has(facts.alias),
      silent,
    );
  });
  return (await Promise.all(servers)).filter((server) => server !== null);
}

async function readTargetServers(
  vtctld: Vtctld,
  view: HandoffView,
  tables: readonly CheckedTable[],
  silent: SilentTablet[],
): Promise<TargetServerFacts[]> {
  const zones = zonesIn(tables);
  const read = async (shard: ShardView): Promise<TargetServerFacts> => ({
    ...(await readServer(vtctld, shard.primary, true, shard.database)),
    shard: shard.name,
    filled: await filledTables(vtctld, shard.primary, tables),
    unknownZones: await unknownZones(vtctld, shard.primary, zones),
  });
  const servers = await Promise.all(view.targetShards.map((shard) => heard(read(shard), shard.primary, true, silent)));
  return servers.filter((server) => server !== null);
}

/** A server that does not answer is a finding like others, so that all are told at once. */
async function heard<T>(
  answer: Promise<T>,
  alias: TabletAlias,
  primary: boolean,
  silent: SilentTablet[],
): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    const { message, code } = asVtpipeError(error);
    if (code === "interrupted") throw error;
    silent.push({ tablet: aliasText(alias), primary, why: message });
    return null;
  }
}

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

async function readServer(
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
  };
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

async function filledTables(vtctld: Vtctld, alias: TabletAlias, tables: readonly CheckedTable[]): Promise<string[]> {
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

async function unknownZones(vtctld: Vtctld, alias: TabletAlias, zones: readonly string[]): Promise<string[]> {
  if (zones.length === 0) return [];
  const looks = zones.map((zone) => `convert_tz('2024-01-01 00:00:00', '+00:00', ${quoteString(zone)})`);
  const [row = {}] = await ask(vtctld, alias, `select ${looks.map((sql, i) => `${sql} as z${i}`).join(", ")}`);
  return zones.filter((_, i) => row[`z${i}`] === null);
}

async function hasSidecar(vtctld: Vtctld, alias: TabletAlias): Promise<boolean | null> {
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
async function readAccounts(vtctld: Vtctld, alias: TabletAlias): Promise<AccountFacts[]> {
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
