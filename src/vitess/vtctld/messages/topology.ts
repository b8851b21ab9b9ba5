/** Cells, tablets, shards and keyspaces. How a field is written is told in `field.ts`. */
export const topologyMessages = {
  Time: { seconds: "1 int64", nanoseconds: "2 int32" },
  Duration: { seconds: "1 int64", nanos: "2 int32" },
  TabletAlias: { cell: "1 string!", uid: "2 uint32!" },
  /** Cells that count as one when a tablet to read from is chosen. */
  CellsAlias: { cells: "2 string[]" },
  KeyRange: { start: "1 bytes", end: "2 bytes" },
  Tablet: {
    alias: "1 TabletAlias",
    hostname: "2 string",
    portMap: "4 int32{}",
    keyspace: "5 string",
    shard: "6 string",
    type: "8 TabletType",
    dbNameOverride: "9 string",
    tags: "10 string{}",
    mysqlHostname: "12 string",
    mysqlPort: "13 int32",
    primaryTermStartTime: "14 Time",
  },
  TabletControl: {
    tabletType: "1 TabletType",
    cells: "2 string[]",
    deniedTables: "4 string[]",
    frozen: "5 bool",
    allowReads: "6 bool",
  },
  ShardRecord: {
    primaryAlias: "1 TabletAlias",
    keyRange: "2 KeyRange",
    tabletControls: "6 TabletControl[]",
    isPrimaryServing: "7 bool",
    primaryTermStartTime: "8 Time",
  },
  NamedShard: { keyspace: "1 string", name: "2 string", shard: "3 ShardRecord" },
  KeyspaceRecord: { durabilityPolicy: "8 string", sidecarDbName: "10 string" },
  NamedKeyspace: { name: "1 string", keyspace: "2 KeyspaceRecord" },
} as const;
