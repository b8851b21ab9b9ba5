import type { VtctldServer } from "./client.ts";
import type { VtctldMethod, VtctldRequest } from "./field.ts";
import { shellQuote } from "./shell-quote.ts";

/** What a method is on the command line: the words after the global flags. */
type Command<M extends VtctldMethod> = (request: VtctldRequest<M>) => readonly (string | null)[];
type Alias = VtctldRequest<"GetTablet">["tabletAlias"];
type Duration = VtctldRequest<"WorkflowSwitchTraffic">["timeout"];

/**
 * The `vtctldclient` line (Vitess 24) that does what a call does, for a person to read or run. A login is named as the file that
 * `$VTCTLD_CREDENTIALS` holds, never shown. Statements and vschemas stand in the line as they are.
 */
export function equivalent<M extends VtctldMethod>(
  server: VtctldServer | string,
  method: M,
  request: VtctldRequest<M>,
): string {
  const command: Command<M> = commands[method];
  const words = command(request).filter((word) => word !== null);
  return [...base(typeof server === "string" ? { address: server } : server), ...words.map(shellQuote)].join(" ");
}

function base({ address, tls, login }: VtctldServer): string[] {
  const flags = [
    flag("server", address),
    flag("vtctld-grpc-ca", tls?.ca),
    flag("vtctld-grpc-cert", tls?.cert),
    flag("vtctld-grpc-key", tls?.key),
    flag("vtctld-grpc-server-name", tls?.serverName),
  ].filter((word) => word !== null);
  const creds = login ? ['--grpc-auth-static-client-creds="$VTCTLD_CREDENTIALS"'] : [];
  return ["vtctldclient", ...flags.map(shellQuote), ...creds];
}

const commands: { readonly [M in VtctldMethod]: Command<M> } = {
  ApplyRoutingRules: (r) => [
    "ApplyRoutingRules",
    flag("rules", JSON.stringify(r.routingRules)),
    given("skip-rebuild", r.skipRebuild),
    list("cells", r.rebuildCells),
  ],
  ApplyVSchema: (r) => [
    "ApplyVSchema",
    flag("vschema", r.vSchema && JSON.stringify(r.vSchema)),
    flag("sql", r.sql),
    list("cells", r.cells),
    given("skip-rebuild", r.skipRebuild),
    given("dry-run", r.dryRun),
    given("strict", r.strict),
    ...positional(r.keyspace),
  ],
  CheckThrottler: (r) => [
    "CheckThrottler",
    flag("app-name", r.appName),
    flag("scope", r.scope),
    given("request-heartbeats", !r.skipRequestHeartbeats),
    given("ok-if-not-exists", r.okIfNotExists),
    ...positional(aliasText(r.tabletAlias)),
  ],
  ExecuteFetchAsDBA: (r) => [
    "ExecuteFetchAsDBA",
    "--json",
    flag("max-rows", String(r.maxRows)),
    given("disable-binlogs", r.disableBinlogs),
    given("reload-schema", r.reloadSchema),
    ...positional(aliasText(r.tabletAlias), r.query),
  ],
  FindAllShardsInKeyspace: (r) => ["FindAllShardsInKeyspace", ...positional(r.keyspace)],
  GetCellInfoNames: () => ["GetCellInfoNames"],
  GetCellsAliases: () => ["GetCellsAliases"],
  GetKeyspaces: () => ["GetKeyspaces"],
  GetRoutingRules: () => ["GetRoutingRules"],
  GetSchema: (r) => [
    "GetSchema",
    list("tables", r.tables),
    list("exclude-tables", r.excludeTables),
    given("include-views", r.includeViews),
    given("table-names-only", r.tableNamesOnly),
    given("table-sizes-only", r.tableSizesOnly),
    given("table-schema-only", r.tableSchemaOnly),
    ...positional(aliasText(r.tabletAlias)),
  ],
  GetShard: (r) => ["GetShard", ...positional(`${r.keyspace}/${r.shardName}`)],
  GetTablet: (r) => ["GetTablet", ...positional(aliasText(r.tabletAlias))],
  GetTablets: (r) => [
    "GetTablets",
    "--format=json",
    flag("keyspace", r.keyspace),
    flag("shard", r.shard),
    list("cell", r.cells),
    flag("tablet-type", r.tabletType === undefined ? null : lower(r.tabletType)),
    list("tablet-alias", r.tabletAliases?.map(aliasText)),
    given("strict", r.strict),
  ],
  GetThrottlerStatus: (r) => ["GetThrottlerStatus", ...positional(aliasText(r.tabletAlias))],
  GetVersion: (r) => ["GetVersion", ...positional(aliasText(r.tabletAlias))],
  GetVSchema: (r) => ["GetVSchema", ...positional(r.keyspace)],
  GetWorkflows: (r) =>
    r.workflow
      ? [
          ...["Workflow", flag("keyspace", r.keyspace), "show", flag("workflow", r.workflow)],
          ...[either("include-logs", r.includeLogs), list("shards", r.shards)],
        ]
      : [
          "GetWorkflows",
          given("show-all", !r.activeOnly),
          either("include-logs", r.includeLogs),
          ...positional(r.keyspace),
        ],
  MoveTablesComplete: (r) => [
    ...moveTables(r.targetKeyspace, r.workflow),
    "complete",
    given("keep-data", r.keepData),
    given("keep-routing-rules", r.keepRoutingRules),
    given("rename-tables", r.renameTables),
    given("dry-run", r.dryRun),
    given("ignore-source-keyspace", r.ignoreSourceKeyspace),
  ],
  MoveTablesCreate: (r) => [
    ...moveTables(r.targetKeyspace, r.workflow),
    "create",
    flag("source-keyspace", r.sourceKeyspace),
    list("source-shards", r.sourceShards),
    given("all-tables", r.allTables),
    list("tables", r.includeTables),
    list("exclude-tables", r.excludeTables),
    list("cells", r.cells),
    ...tabletTypes(r.tabletTypes, r.tabletSelectionPreference),
    flag("source-time-zone", r.sourceTimeZone),
    flag("on-ddl", r.onDdl),
    given("stop-after-copy", r.stopAfterCopy),
    either("defer-secondary-keys", r.deferSecondaryKeys),
    either("auto-start", r.autoStart),
    given("no-routing-rules", r.noRoutingRules),
    given("atomic-copy", r.atomicCopy),
    flag("sharded-auto-increment-handling", String(r.workflowOptions?.shardedAutoIncrementHandling ?? "LEAVE")),
    flag("tenant-id", r.workflowOptions?.tenantId),
    list("shards", r.workflowOptions?.shards),
    list("config-overrides", pairs(r.workflowOptions?.config)),
    flag("global-keyspace", r.workflowOptions?.globalKeyspace),
  ],
  RefreshStateByShard: (r) => [
    "RefreshStateByShard",
    list("cells", r.cells),
    ...positional(`${r.keyspace}/${r.shard}`),
  ],
  ReloadSchemaKeyspace: (r) => [
    "ReloadSchemaKeyspace",
    flag("concurrency", String(r.concurrency ?? 0)),
    given("include-primary", r.includePrimary),
    ...positional(r.keyspace),
  ],
  SetShardTabletControl: (r) => [
    "SetShardTabletControl",
    list("cells", r.cells),
    list("denied-tables", r.deniedTables),
    given("remove", r.remove),
    ...positional(`${r.keyspace}/${r.shard}`, lower(r.tabletType)),
  ],
  VDiffCreate: (r) => [
    ...vdiff(r.targetKeyspace, r.workflow),
    "create",
    list("source-cells", r.sourceCells),
    list("target-cells", r.targetCells),
    ...tabletTypes(r.tabletTypes, r.tabletSelectionPreference),
    list("tables", r.tables),
    flag("limit", String(r.limit)),
    flag("filtered-replication-wait-time", durationText(r.filteredReplicationWaitTime)),
    given("debug-query", r.debugQuery),
    given("only-pks", r.onlyPks),
    given("update-table-stats", r.updateTableStats),
    flag("max-extra-rows-to-compare", String(r.maxExtraRowsToCompare ?? 0)),
    either("auto-retry", r.autoRetry),
    flag("max-report-sample-rows", String(r.maxReportSampleRows ?? 0)),
    flag("max-diff-duration", r.maxDiffDuration && durationText(r.maxDiffDuration)),
    flag("row-diff-column-truncate-at", String(r.rowDiffColumnTruncateAt ?? 0)),
    ...positional(r.uuid),
  ],
  VDiffDelete: (r) => [...vdiff(r.targetKeyspace, r.workflow), "delete", ...positional(r.arg)],
  VDiffShow: (r) => [
    ...vdiff(r.targetKeyspace, r.workflow),
    "--format=json",
    "show",
    "--verbose",
    ...positional(r.arg),
  ],
  VDiffStop: (r) => [
    ...vdiff(r.targetKeyspace, r.workflow),
    "stop",
    list("target-shards", r.targetShards),
    ...positional(r.uuid),
  ],
  WorkflowDelete: (r) => [
    ...["Workflow", flag("keyspace", r.keyspace), "delete", flag("workflow", r.workflow)],
    given("keep-data", r.keepData),
    given("keep-routing-rules", r.keepRoutingRules),
    given("ignore-source-keyspace", r.ignoreSourceKeyspace),
    list("shards", r.shards),
  ],
  WorkflowStatus: (r) => [...moveTables(r.keyspace, r.workflow), "status", list("shards", r.shards)],
  WorkflowSwitchTraffic: (r) => [
    ...moveTables(r.keyspace, r.workflow),
    r.direction === 1 ? "reversetraffic" : "switchtraffic",
    list("cells", r.cells),
    list("tablet-types", r.tabletTypes.map(lower)),
    flag("max-replication-lag-allowed", durationText(r.maxReplicationLagAllowed)),
    either("enable-reverse-replication", r.enableReverseReplication),
    flag("timeout", durationText(r.timeout)),
    given("dry-run", r.dryRun),
    given("initialize-target-sequences", r.direction === 1 ? false : r.initializeTargetSequences),
  ],
  WorkflowUpdate: ({ keyspace, tabletRequest: r }) => {
    const of = (verb: string) => ["Workflow", flag("keyspace", keyspace), verb, flag("workflow", r.workflow)];
    const shards = list("shards", r.shards);
    if (r.state === "Running" || r.state === 4) return [...of("start"), shards];
    if (r.state === "Stopped" || r.state === 2) return [...of("stop"), shards];
    return [
      ...of("update"),
      list("cells", r.cells[0] === "NULL" ? [] : r.cells),
      list("tablet-types", r.tabletTypes[0] === -1 ? [] : r.tabletTypes.map(lower)),
      order("in-order", r.tabletSelectionPreference),
      flag("on-ddl", r.onDdl === undefined ? undefined : String(r.onDdl)),
      list("config-overrides", pairs(r.configOverrides)),
      shards,
    ];
  },
};

function moveTables(keyspace: string, workflow: string): (string | null)[] {
  return ["MoveTables", flag("target-keyspace", keyspace), flag("workflow", workflow)];
}

function vdiff(keyspace: string, workflow: string): (string | null)[] {
  return ["VDiff", flag("target-keyspace", keyspace), flag("workflow", workflow)];
}

function tabletTypes(types: readonly (string | number)[], preference: string | number | undefined): (string | null)[] {
  return [list("tablet-types", types.map(lower)), order("in-preference-order", preference ?? "ANY")];
}

function order(name: string, preference: string | number | undefined): string | null {
  if (preference === "INORDER" || preference === 1) return `--tablet-types-${name}=true`;
  return preference === "ANY" || preference === 0 ? `--tablet-types-${name}=false` : null;
}

function flag(name: string, value: string | null | undefined): string | null {
  return value ? `--${name}=${value}` : null;
}

/** A flag that is off unless it is named. */
function given(name: string, value: boolean | undefined): string | null {
  return value ? `--${name}` : null;
}

/** A flag that is on unless it is said to be off. */
function either(name: string, value: boolean | undefined): string {
  return `--${name}=${value ?? false}`;
}

/** A flag of many values, which vtctldclient reads as a line of CSV. */
function list(name: string, values: readonly string[] | undefined): string | null {
  return values?.length ? `--${name}=${values.map(csvCell).join(",")}` : null;
}

function csvCell(text: string): string {
  return /[",\r\n]|^\s|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Words that are no flags, also when they begin like one. */
function positional(...words: readonly string[]): string[] {
  return words.some((word) => word.startsWith("-")) ? ["--", ...words] : [...words];
}

function aliasText({ cell, uid }: Alias): string {
  return `${cell}-${String(uid).padStart(10, "0")}`;
}

function durationText({ seconds = 0, nanos = 0 }: Duration): string {
  return nanos === 0 ? `${seconds}s` : `${seconds}s${nanos}ns`;
}

function lower(type: string | number): string {
  return String(type).toLowerCase();
}

function pairs(config: Readonly<Record<string, string>> | undefined): string[] | undefined {
  return config && Object.entries(config).map(([key, value]) => `${key}=${value}`);
}
