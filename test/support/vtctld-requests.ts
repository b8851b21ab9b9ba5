import type { VtctldMethod, VtctldRequest } from "../../src/vitess/vtctld/field.ts";
import { keepCellsAndTypes } from "../../src/vitess/vtctld/workflow-update.ts";

const tabletAlias = { cell: "zone1", uid: 200 };
const workflow = "move";
const targetKeyspace = "main";
const keyspace = "main";
const uuid = "a037a9e2-5628-11ee-8c99-0242ac120002";

type Requests = { readonly [M in VtctldMethod]: readonly { request: VtctldRequest<M>; line: string }[] };

/** Every call, with every field at least once, and what vtctldclient is told to do the same. */
export const requests: Requests = {
  ApplyRoutingRules: [
    {
      request: {
        routingRules: { rules: [{ fromTable: "a", toTables: ["main.a"] }] },
        skipRebuild: true,
        rebuildCells: ["z1"],
      },
      line: `ApplyRoutingRules '--rules={"rules":[{"fromTable":"a","toTables":["main.a"]}]}' --skip-rebuild --cells=z1`,
    },
  ],
  ApplyVSchema: [
    {
      request: {
        keyspace,
        vSchema: { sharded: true, tables: { "it's": { type: "reference" } } },
        dryRun: true,
        strict: true,
      },
      line: `ApplyVSchema '--vschema={"sharded":true,"tables":{"it'\\''s":{"type":"reference"}}}' --dry-run --strict main`,
    },
    {
      request: { keyspace, sql: "alter vschema drop table t", cells: ["z1", "z2"], skipRebuild: true },
      line: "ApplyVSchema '--sql=alter vschema drop table t' --cells=z1,z2 --skip-rebuild main",
    },
  ],
  CheckThrottler: [
    {
      request: { tabletAlias, appName: "vtpipe", scope: "shard", okIfNotExists: true },
      line: "CheckThrottler --app-name=vtpipe --scope=shard --request-heartbeats --ok-if-not-exists zone1-0000000200",
    },
    {
      request: { tabletAlias, appName: "vtpipe", skipRequestHeartbeats: true },
      line: "CheckThrottler --app-name=vtpipe zone1-0000000200",
    },
  ],
  ExecuteFetchAsDBA: [
    {
      request: { tabletAlias, query: "select 'it''s', \"$x\" from `t`", maxRows: 10 },
      line: `ExecuteFetchAsDBA --json --max-rows=10 zone1-0000000200 'select '\\''it'\\'''\\''s'\\'', "$x" from \`t\`'`,
    },
    {
      request: { tabletAlias, query: "-- a remark\nselect 1", maxRows: "1", disableBinlogs: true, reloadSchema: true },
      line: "ExecuteFetchAsDBA --json --max-rows=1 --disable-binlogs --reload-schema -- zone1-0000000200 '-- a remark\nselect 1'",
    },
  ],
  FindAllShardsInKeyspace: [{ request: { keyspace }, line: "FindAllShardsInKeyspace main" }],
  GetCellInfoNames: [{ request: {}, line: "GetCellInfoNames" }],
  GetCellsAliases: [{ request: {}, line: "GetCellsAliases" }],
  GetKeyspaces: [{ request: {}, line: "GetKeyspaces" }],
  GetRoutingRules: [{ request: {}, line: "GetRoutingRules" }],
  GetSchema: [
    {
      request: { tabletAlias, tables: ["a", 'b"c', "d,e"], includeViews: true, tableNamesOnly: true },
      line: `GetSchema '--tables=a,"b""c","d,e"' --include-views --table-names-only zone1-0000000200`,
    },
    {
      request: { tabletAlias, excludeTables: ["/^x/"], tableSizesOnly: true, tableSchemaOnly: true },
      line: "GetSchema '--exclude-tables=/^x/' --table-sizes-only --table-schema-only zone1-0000000200",
    },
  ],
  GetShard: [{ request: { keyspace, shardName: "-80" }, line: "GetShard main/-80" }],
  GetTablet: [{ request: { tabletAlias }, line: "GetTablet zone1-0000000200" }],
  GetTablets: [
    {
      request: { keyspace, shard: "-80", cells: ["z1", "z2"], tabletType: "PRIMARY", strict: true },
      line: "GetTablets --format=json --keyspace=main --shard=-80 --cell=z1,z2 --tablet-type=primary --strict",
    },
    { request: { tabletAliases: [tabletAlias] }, line: "GetTablets --format=json --tablet-alias=zone1-0000000200" },
  ],
  GetThrottlerStatus: [{ request: { tabletAlias }, line: "GetThrottlerStatus zone1-0000000200" }],
  GetVersion: [{ request: { tabletAlias }, line: "GetVersion zone1-0000000200" }],
  GetVSchema: [{ request: { keyspace }, line: "GetVSchema main" }],
  GetWorkflows: [
    { request: { keyspace }, line: "GetWorkflows --show-all --include-logs=false main" },
    { request: { keyspace, activeOnly: true, includeLogs: true }, line: "GetWorkflows --include-logs=true main" },
    {
      request: { keyspace, workflow, shards: ["-80"] },
      line: "Workflow --keyspace=main show --workflow=move --include-logs=false --shards=-80",
    },
  ],
  MoveTablesComplete: [
    {
      request: { workflow, targetKeyspace, keepData: true, keepRoutingRules: true, dryRun: true },
      line: "MoveTables --target-keyspace=main --workflow=move complete --keep-data --keep-routing-rules --dry-run",
    },
    {
      request: { workflow, targetKeyspace, keepData: false, renameTables: true, ignoreSourceKeyspace: true },
      line: "MoveTables --target-keyspace=main --workflow=move complete --rename-tables --ignore-source-keyspace",
    },
  ],
  MoveTablesCreate: [
    {
      request: {
        workflow,
        sourceKeyspace: "ext",
        targetKeyspace,
        includeTables: ["a", "b"],
        cells: ["zone1"],
        tabletTypes: ["REPLICA", "PRIMARY"],
        tabletSelectionPreference: "INORDER",
        autoStart: false,
        noRoutingRules: true,
      },
      line: "MoveTables --target-keyspace=main --workflow=move create --source-keyspace=ext --tables=a,b --cells=zone1 --tablet-types=replica,primary --tablet-types-in-preference-order=true --defer-secondary-keys=false --auto-start=false --no-routing-rules --sharded-auto-increment-handling=LEAVE",
    },
    {
      request: {
        workflow,
        sourceKeyspace: "ext",
        targetKeyspace,
        allTables: true,
        excludeTables: ["c"],
        tabletTypes: ["RDONLY"],
        autoStart: true,
        noRoutingRules: false,
        workflowOptions: {
          shardedAutoIncrementHandling: "REPLACE",
          globalKeyspace: "global",
          tenantId: "7",
          shards: ["-80"],
          config: { "vreplication-net-read-timeout": "300" },
        },
      },
      line: "MoveTables --target-keyspace=main --workflow=move create --source-keyspace=ext --all-tables --exclude-tables=c --tablet-types=rdonly --tablet-types-in-preference-order=false --defer-secondary-keys=false --auto-start=true --sharded-auto-increment-handling=REPLACE --tenant-id=7 --shards=-80 --config-overrides=vreplication-net-read-timeout=300 --global-keyspace=global",
    },
    {
      request: {
        workflow,
        sourceKeyspace: "ext",
        targetKeyspace,
        sourceShards: ["0"],
        allTables: true,
        tabletTypes: ["PRIMARY"],
        sourceTimeZone: "Europe/Paris",
        onDdl: "STOP",
        stopAfterCopy: true,
        deferSecondaryKeys: true,
        autoStart: true,
        noRoutingRules: false,
        atomicCopy: true,
      },
      line: "MoveTables --target-keyspace=main --workflow=move create --source-keyspace=ext --source-shards=0 --all-tables --tablet-types=primary --tablet-types-in-preference-order=false --source-time-zone=Europe/Paris --on-ddl=STOP --stop-after-copy --defer-secondary-keys=true --auto-start=true --atomic-copy --sharded-auto-increment-handling=LEAVE",
    },
  ],
  RefreshStateByShard: [
    { request: { keyspace, shard: "80-", cells: ["zone1"] }, line: "RefreshStateByShard --cells=zone1 main/80-" },
  ],
  ReloadSchemaKeyspace: [
    {
      request: { keyspace, includePrimary: true, concurrency: 4 },
      line: "ReloadSchemaKeyspace --concurrency=4 --include-primary main",
    },
    { request: { keyspace }, line: "ReloadSchemaKeyspace --concurrency=0 main" },
  ],
  SetShardTabletControl: [
    {
      request: { keyspace, shard: "-80", tabletType: "PRIMARY", deniedTables: ["a", "b,c"], remove: true },
      line: `SetShardTabletControl '--denied-tables=a,"b,c"' --remove main/-80 primary`,
    },
    {
      request: { keyspace, shard: "80-", tabletType: "REPLICA", deniedTables: ["a"], remove: false, cells: ["z1"] },
      line: "SetShardTabletControl --cells=z1 --denied-tables=a main/80- replica",
    },
  ],
  VDiffCreate: [
    {
      request: {
        workflow,
        targetKeyspace,
        uuid,
        tabletTypes: ["PRIMARY"],
        tables: ["a"],
        limit: "9223372036854775807",
        filteredReplicationWaitTime: { seconds: 30 },
        maxExtraRowsToCompare: 1000,
        autoRetry: true,
        maxReportSampleRows: 10,
        maxDiffDuration: { seconds: "3600", nanos: 1 },
      },
      line: `VDiff --target-keyspace=main --workflow=move create --tablet-types=primary --tablet-types-in-preference-order=false --tables=a --limit=9223372036854775807 --filtered-replication-wait-time=30s --max-extra-rows-to-compare=1000 --auto-retry=true --max-report-sample-rows=10 --max-diff-duration=3600s1ns --row-diff-column-truncate-at=0 ${uuid}`,
    },
    {
      request: {
        workflow,
        targetKeyspace,
        uuid,
        sourceCells: ["z1"],
        targetCells: ["z2"],
        tabletTypes: ["REPLICA", "RDONLY"],
        tabletSelectionPreference: "INORDER",
        limit: 5,
        filteredReplicationWaitTime: { seconds: 1 },
        debugQuery: true,
        onlyPks: true,
        updateTableStats: true,
        rowDiffColumnTruncateAt: 128,
      },
      line: `VDiff --target-keyspace=main --workflow=move create --source-cells=z1 --target-cells=z2 --tablet-types=replica,rdonly --tablet-types-in-preference-order=true --limit=5 --filtered-replication-wait-time=1s --debug-query --only-pks --update-table-stats --max-extra-rows-to-compare=0 --auto-retry=false --max-report-sample-rows=0 --row-diff-column-truncate-at=128 ${uuid}`,
    },
  ],
  VDiffDelete: [
    {
      request: { workflow, targetKeyspace, arg: "all" },
      line: "VDiff --target-keyspace=main --workflow=move delete all",
    },
  ],
  VDiffShow: [
    {
      request: { workflow, targetKeyspace, arg: "last" },
      line: "VDiff --target-keyspace=main --workflow=move --format=json show --verbose last",
    },
  ],
  VDiffStop: [
    {
      request: { workflow, targetKeyspace, uuid, targetShards: ["-80"] },
      line: `VDiff --target-keyspace=main --workflow=move stop --target-shards=-80 ${uuid}`,
    },
  ],
  WorkflowDelete: [
    {
      request: { keyspace, workflow, keepData: true, keepRoutingRules: true },
      line: "Workflow --keyspace=main delete --workflow=move --keep-data --keep-routing-rules",
    },
    {
      request: {
        keyspace,
        workflow,
        keepData: false,
        keepRoutingRules: false,
        ignoreSourceKeyspace: true,
        shards: ["0"],
      },
      line: "Workflow --keyspace=main delete --workflow=move --ignore-source-keyspace --shards=0",
    },
  ],
  WorkflowStatus: [
    {
      request: { keyspace, workflow, shards: ["-80"] },
      line: "MoveTables --target-keyspace=main --workflow=move status --shards=-80",
    },
  ],
  WorkflowSwitchTraffic: [
    {
      request: {
        keyspace,
        workflow,
        cells: ["zone1"],
        tabletTypes: ["PRIMARY", "REPLICA", "RDONLY"],
        maxReplicationLagAllowed: { seconds: 30 },
        enableReverseReplication: true,
        direction: 0,
        timeout: { seconds: 45 },
        dryRun: true,
        initializeTargetSequences: true,
      },
      line: "MoveTables --target-keyspace=main --workflow=move switchtraffic --cells=zone1 --tablet-types=primary,replica,rdonly --max-replication-lag-allowed=30s --enable-reverse-replication=true --timeout=45s --dry-run --initialize-target-sequences",
    },
    {
      request: {
        keyspace,
        workflow,
        tabletTypes: ["PRIMARY"],
        maxReplicationLagAllowed: { seconds: 30 },
        enableReverseReplication: false,
        direction: 1,
        timeout: { seconds: 30 },
      },
      line: "MoveTables --target-keyspace=main --workflow=move reversetraffic --tablet-types=primary --max-replication-lag-allowed=30s --enable-reverse-replication=false --timeout=30s",
    },
  ],
  WorkflowUpdate: [
    {
      request: { keyspace, tabletRequest: { workflow, ...keepCellsAndTypes, state: "Running" } },
      line: "Workflow --keyspace=main start --workflow=move",
    },
    {
      request: { keyspace, tabletRequest: { workflow, ...keepCellsAndTypes, state: "Stopped", shards: ["-80"] } },
      line: "Workflow --keyspace=main stop --workflow=move --shards=-80",
    },
    {
      request: {
        keyspace,
        tabletRequest: {
          workflow,
          cells: ["zone1", "zone2"],
          tabletTypes: ["REPLICA"],
          tabletSelectionPreference: "INORDER",
          onDdl: "STOP",
          configOverrides: { "relay-log-max-items": "100" },
        },
      },
      line: "Workflow --keyspace=main update --workflow=move --cells=zone1,zone2 --tablet-types=replica --tablet-types-in-order=true --on-ddl=STOP --config-overrides=relay-log-max-items=100",
    },
  ],
};
