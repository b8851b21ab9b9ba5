import type { HandoffStatus } from "../../../src/contracts/handoff-status.ts";
import type { HandoffView, StreamView, WorkflowView } from "../../../src/handoff/view.ts";

export function stream(parts: Partial<StreamView> = {}): StreamView {
  return {
    id: "1",
    shard: "-80",
    tablet: "zone1-0000000200",
    state: "Running",
    from: { keyspace: "ext", shard: "0" },
    position: "MySQL56/a:1-5",
    stopPosition: "",
    message: "",
    transactionAt: 0,
    updatedAt: 0,
    rowsCopied: 0,
    throttled: null,
    ...parts,
  };
}

export function workflow(name: string, streams: readonly StreamView[]): WorkflowView {
  return { name, streams, lagSeconds: 0 };
}

/** An unsharded source and two target shards, without any workflow but those said. */
export function aView(parts: Partial<HandoffView> = {}): HandoffView {
  const shard = (name: string, uid: number, database: string) => ({
    name,
    primary: { cell: "zone1", uid },
    database,
    deniedTables: [],
  });
  return {
    names: { sourceKeyspace: "ext", targetKeyspace: "main", workflow: "vtpipe" },
    sourceShards: [shard("0", 100, "commerce")],
    targetShards: [shard("-80", 200, "vt_main"), shard("80-", 201, "vt_main")],
    moveTables: null,
    streams: null,
    bridge: null,
    reverse: null,
    trafficState: "",
    ...parts,
  };
}

/** Servers that did not answer: nothing could be counted. */
export const statusOfNothing: HandoffStatus = {
  at: "2026-11-24T12:00:00Z",
  ...{ lanes: [], workflows: [], binlogs: [], away: null },
};
