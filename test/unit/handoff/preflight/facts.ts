import type { Column, TableSchema } from "../../../../src/contracts/schema.ts";
import type { LanedTable } from "../../../../src/handoff/lanes.ts";
import type {
  CheckedTable,
  HandoffCheck,
  HandoffFacts,
  ServerFacts,
  TabletFacts,
  TargetServerFacts,
} from "../../../../src/handoff/preflight/facts.ts";
import { laned } from "../laned.ts";
import { aView } from "../view.ts";

export const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
export const otherUuid = "a037a9e2-5628-11ee-8c99-0242ac120002";

export function server(
  parts: Partial<ServerFacts> = {},
  variables: Readonly<Record<string, string>> = {},
): ServerFacts {
  return {
    tablet: "zone1-0000000100",
    primary: true,
    database: "commerce",
    executed: `${uuid}:1-10`,
    purged: `${uuid}:1-3`,
    foreignKeys: [],
    unreadable: [],
    ...parts,
    variables: new Map(
      Object.entries({
        server_uuid: uuid,
        version: "8.4.6",
        log_bin: "ON",
        log_replica_updates: "ON",
        binlog_format: "ROW",
        binlog_row_image: "FULL",
        binlog_expire_logs_seconds: "2592000",
        gtid_mode: "ON",
        ...variables,
      }),
    ),
  };
}

export function targetServer(
  parts: Partial<TargetServerFacts> = {},
  variables: Readonly<Record<string, string>> = {},
): TargetServerFacts {
  const base = server({ tablet: "zone1-0000000200", database: "vt_main" }, { server_uuid: otherUuid, ...variables });
  return { ...base, shard: "-80", filled: [], unknownZones: [], ...parts };
}

export function tablet(alias: string, shard: string, parts: Partial<TabletFacts> = {}): TabletFacts {
  return { alias, cell: alias.slice(0, alias.lastIndexOf("-")), shard, type: "PRIMARY", serving: true, ...parts };
}

export function column(name: string, kind: Column["kind"], parts: Partial<Column> = {}): Column {
  return {
    name,
    type: kind,
    kind,
    nullable: false,
    unsigned: false,
    charset: null,
    collation: null,
    length: null,
    fsp: null,
    generated: null,
    invisible: false,
    autoIncrement: false,
    ...parts,
  };
}

/** A table `id, name` with a primary key. */
export function checked(
  name: string,
  parts: Partial<LanedTable> = {},
  schema: Partial<TableSchema> = {},
): CheckedTable {
  const key = { index: "PRIMARY", columns: ["id"] };
  return {
    ...laned(name, parts),
    schema: {
      database: "commerce",
      name,
      columns: [column("id", "integer"), column("name", "text", { charset: "utf8mb4" })],
      primaryKey: key.columns,
      chunkKey: key,
      uniqueKeys: [key],
      foreignKeys: [],
      engine: "InnoDB",
      partitioned: false,
      rowsEstimate: 0,
      bytesEstimate: 0,
      createStatement: "",
      ...schema,
    },
  };
}

/** An unsharded source and two shards on a cluster where everything is as it should be; with whatever else is said. */
export function someFacts(parts: Partial<HandoffFacts> = {}): HandoffFacts {
  const view = parts.view ?? aView();
  const tables = parts.tables ?? [checked("orders")];
  return {
    moment: "copy",
    plan: {
      names: view.names,
      tables,
      cells: [],
      tabletTypes: ["REPLICA", "PRIMARY"],
      maxLagSeconds: 30,
      switchTimeoutSeconds: 30,
    },
    view,
    tables,
    source: {
      serverUuid: uuid,
      database: "commerce",
      address: "db:3306",
      user: "reader",
      executed: `${uuid}:1-10`,
    },
    position: `MySQL56/${uuid}:1-10`,
    sourceTablets: [tablet("zone1-0000000100", "0")],
    targetTablets: [tablet("zone1-0000000200", "-80"), tablet("zone1-0000000201", "80-")],
    versions: { "zone1-0000000100": "24.0.1", "zone1-0000000200": "24.0.1", "zone1-0000000201": "24.0.1" },
    servers: [server()],
    targets: [targetServer(), targetServer({ tablet: "zone1-0000000201", shard: "80-" })],
    silent: [],
    cells: { known: ["zone1"], aliases: new Map() },
    sidecar: true,
    accounts: [],
    vschema: {
      sharded: true,
      vindexes: { hash: { type: "hash", params: {}, owner: "" } },
      tables: Object.fromEntries(tables.map(({ target }) => [target, entry()])),
      requireExplicitRouting: false,
      foreignKeyMode: "unspecified",
      multiTenantSpec: null,
    },
    sequences: new Map(),
    begun: false,
    forecast: { bytes: 1 << 30, rate: 8_000_000 },
    ...parts,
  };
}

/** A table of the vschema, sharded by hash of `id`. */
export function entry(parts: Partial<HandoffFacts["vschema"]["tables"][string]> = {}) {
  return {
    type: "",
    columnVindexes: [{ column: "id", name: "hash", columns: [] }],
    autoIncrement: null,
    columns: [],
    pinned: "",
    columnListAuthoritative: false,
    source: "",
    ...parts,
  };
}

/** What a check finds, as `refusal code` and `warning code`. */
export function found(check: HandoffCheck, facts: HandoffFacts): string[] {
  return check(facts).map(({ severity, code }) => `${severity} ${code}`);
}
