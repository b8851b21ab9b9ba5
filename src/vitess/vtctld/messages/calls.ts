/**
 * The calls of `vtctlservice.Vtctld` in use, with what each may do: `reads` changes nothing. Fields with a number as of
 * Vitess 24 (proto/vtctldata.proto); those left out are not used, or could not be said with vtctldclient.
 */
export const calls = {
  ApplyRoutingRules: {
    effect: "changes",
    request: { routingRules: "1 RoutingRules!", skipRebuild: "2 bool", rebuildCells: "3 string[]" },
    response: {},
  },
  ApplyVSchema: {
    effect: "changes",
    request: {
      keyspace: "1 string!",
      skipRebuild: "2 bool",
      dryRun: "3 bool",
      cells: "4 string[]",
      vSchema: "5 Vschema",
      sql: "6 string",
      strict: "7 bool",
    },
    response: { vSchema: "1 Vschema", unknownVindexParams: "2 ParamList{}" },
  },
  CheckThrottler: {
    effect: "reads",
    request: {
      tabletAlias: "1 TabletAlias!",
      appName: "2 string!",
      scope: "3 string",
      skipRequestHeartbeats: "4 bool",
      okIfNotExists: "5 bool",
    },
    response: { tabletAlias: "1 TabletAlias", check: "2 ThrottlerCheck" },
  },
  ExecuteFetchAsDBA: {
    effect: "changes",
    request: {
      tabletAlias: "1 TabletAlias!",
      query: "2 string!",
      maxRows: "3 int64!",
      disableBinlogs: "4 bool",
      reloadSchema: "5 bool",
    },
    response: { result: "1 QueryResult" },
  },
  FindAllShardsInKeyspace: {
    effect: "reads",
    request: { keyspace: "1 string!" },
    response: { shards: "1 NamedShard{}" },
  },
  GetCellInfoNames: { effect: "reads", request: {}, response: { names: "1 string[]" } },
  GetCellsAliases: { effect: "reads", request: {}, response: { aliases: "1 CellsAlias{}" } },
  GetKeyspaces: { effect: "reads", request: {}, response: { keyspaces: "1 NamedKeyspace[]" } },
  GetRoutingRules: { effect: "reads", request: {}, response: { routingRules: "1 RoutingRules" } },
  GetSchema: {
    effect: "reads",
    request: {
      tabletAlias: "1 TabletAlias!",
      tables: "2 string[]",
      excludeTables: "3 string[]",
      includeViews: "4 bool",
      tableNamesOnly: "5 bool",
      tableSizesOnly: "6 bool",
      tableSchemaOnly: "7 bool",
    },
    response: { schema: "1 SchemaDefinition" },
  },
  GetShard: {
    effect: "reads",
    request: { keyspace: "1 string!", shardName: "2 string!" },
    response: { shard: "1 NamedShard" },
  },
  GetTablet: {
    effect: "reads",
    request: { tabletAlias: "1 TabletAlias!" },
    response: { tablet: "1 Tablet" },
  },
  GetTablets: {
    effect: "reads",
    request: {
      keyspace: "1 string",
      shard: "2 string",
      cells: "3 string[]",
      strict: "4 bool",
      tabletAliases: "5 TabletAlias[]",
      tabletType: "6 TabletType",
    },
    response: { tablets: "1 Tablet[]" },
  },
  GetThrottlerStatus: {
    effect: "reads",
    request: { tabletAlias: "1 TabletAlias!" },
    response: { status: "1 ThrottlerStatus" },
  },
  GetVersion: {
    effect: "reads",
    request: { tabletAlias: "1 TabletAlias!" },
    response: { version: "1 string" },
  },
  GetVSchema: {
    effect: "reads",
    request: { keyspace: "1 string!" },
    response: { vSchema: "1 Vschema" },
  },
  GetWorkflows: {
    effect: "reads",
    request: {
      keyspace: "1 string!",
      activeOnly: "2 bool",
      workflow: "4 string",
      includeLogs: "5 bool",
      shards: "6 string[]",
    },
    response: { workflows: "1 Workflow[]" },
  },
  MoveTablesComplete: {
    effect: "changes",
    request: {
      workflow: "1 string!",
      targetKeyspace: "3 string!",
      /** false: the source's tables are dropped. */
      keepData: "4 bool!",
      keepRoutingRules: "5 bool",
      renameTables: "6 bool",
      dryRun: "7 bool",
      ignoreSourceKeyspace: "9 bool",
    },
    response: { summary: "1 string", dryRunResults: "2 string[]" },
  },
  MoveTablesCreate: {
    effect: "changes",
    request: {
      workflow: "1 string!",
      sourceKeyspace: "2 string!",
      targetKeyspace: "3 string!",
      cells: "4 string[]",
      tabletTypes: "5 TabletType[]!",
      tabletSelectionPreference: "6 TabletSelection",
      sourceShards: "7 string[]",
      allTables: "8 bool",
      includeTables: "9 string[]",
      excludeTables: "10 string[]",
      sourceTimeZone: "12 string",
      onDdl: "13 string",
      stopAfterCopy: "14 bool",
      deferSecondaryKeys: "16 bool",
      autoStart: "17 bool!",
      noRoutingRules: "18 bool!",
      atomicCopy: "19 bool",
      workflowOptions: "20 WorkflowOptions",
    },
    response: {
      tableCopyState: "1 TableCopyState{}",
      shardStreams: "2 ShardStreamStates{}",
      trafficState: "3 string",
    },
  },
  RefreshStateByShard: {
    effect: "changes",
    request: { keyspace: "1 string!", shard: "2 string!", cells: "3 string[]" },
    response: { isPartialRefresh: "1 bool", partialRefreshDetails: "2 string" },
  },
  ReloadSchemaKeyspace: {
    effect: "changes",
    request: { keyspace: "1 string!", includePrimary: "3 bool", concurrency: "4 int32" },
    response: {},
  },
  SetShardTabletControl: {
    effect: "changes",
    request: {
      keyspace: "1 string!",
      shard: "2 string!",
      tabletType: "3 TabletType!",
      cells: "4 string[]",
      /** With `remove` and an empty list, all entries go, those of other workflows too. */
      deniedTables: "5 string[]!",
      remove: "7 bool!",
    },
    response: { shard: "1 ShardRecord" },
  },
  VDiffCreate: {
    effect: "changes",
    request: {
      workflow: "1 string!",
      targetKeyspace: "2 string!",
      uuid: "3 string!",
      sourceCells: "4 string[]",
      targetCells: "5 string[]",
      tabletTypes: "6 TabletType[]!",
      tabletSelectionPreference: "7 TabletSelection",
      tables: "8 string[]",
      /** Rows after which to stop; 0 compares none. */
      limit: "9 int64!",
      filteredReplicationWaitTime: "10 Duration!",
      debugQuery: "11 bool",
      onlyPks: "12 bool",
      updateTableStats: "13 bool",
      maxExtraRowsToCompare: "14 int64",
      autoRetry: "17 bool",
      maxReportSampleRows: "19 int64",
      maxDiffDuration: "20 Duration",
      rowDiffColumnTruncateAt: "21 int64",
    },
    response: { uuid: "1 string" },
  },
  VDiffDelete: {
    effect: "changes",
    request: { workflow: "1 string!", targetKeyspace: "2 string!", arg: "3 string!" },
    response: {},
  },
  VDiffShow: {
    effect: "reads",
    /** `arg`: all, last or a UUID. */
    request: { workflow: "1 string!", targetKeyspace: "2 string!", arg: "3 string!" },
    /** By shard name. */
    response: { tabletResponses: "1 VdiffOnShard{}" },
  },
  VDiffStop: {
    effect: "changes",
    request: { workflow: "1 string!", targetKeyspace: "2 string!", uuid: "3 string!", targetShards: "4 string[]" },
    response: {},
  },
  WorkflowDelete: {
    effect: "changes",
    request: {
      keyspace: "1 string!",
      workflow: "2 string!",
      /** false: the target's tables are dropped. */
      keepData: "3 bool!",
      keepRoutingRules: "4 bool!",
      shards: "5 string[]",
      ignoreSourceKeyspace: "7 bool",
    },
    response: { summary: "1 string", details: "2 DeletedTablet[]" },
  },
  WorkflowStatus: {
    effect: "reads",
    request: { keyspace: "1 string!", workflow: "2 string!", shards: "3 string[]" },
    response: {
      tableCopyState: "1 TableCopyState{}",
      shardStreams: "2 ShardStreamStates{}",
      trafficState: "3 string",
    },
  },
  WorkflowSwitchTraffic: {
    effect: "changes",
    request: {
      keyspace: "1 string!",
      workflow: "2 string!",
      cells: "3 string[]",
      tabletTypes: "4 TabletType[]!",
      maxReplicationLagAllowed: "5 Duration!",
      enableReverseReplication: "6 bool!",
      /** 0: to the target; 1: back to the source. */
      direction: "7 int32!",
      timeout: "8 Duration!",
      dryRun: "9 bool",
      initializeTargetSequences: "10 bool",
    },
    response: {
      summary: "1 string",
      startState: "2 string",
      currentState: "3 string",
      dryRunResults: "4 string[]",
    },
  },
  WorkflowUpdate: {
    effect: "changes",
    request: { keyspace: "1 string!", tabletRequest: "2 StreamChange!" },
    response: { summary: "1 string", details: "2 ChangedTablet[]" },
  },
} as const;
