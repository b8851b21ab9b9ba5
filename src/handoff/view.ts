import { VtpipeError } from "../contracts/errors.ts";
import type { Vtctld } from "../vitess/vtctld/client.ts";
import type { VtctldMessage } from "../vitess/vtctld/field.ts";
import { streamState } from "./stream-errors.ts";

/** What a handoff is called in Vitess and where it happens. */
export interface HandoffNames {
  readonly sourceKeyspace: string;
  readonly targetKeyspace: string;
  /** The MoveTables workflow; those beside it are named after it. */
  readonly workflow: string;
}

/** The workflow with streams of our own for transformed tables. */
export const streamsWorkflow = ({ workflow }: HandoffNames): string => `${workflow}_sql`;
/** The workflow that brings rows read at an older position to the newest one. */
export const bridgeWorkflow = ({ workflow }: HandoffNames): string => `${workflow}_bridge`;

export type TabletAlias = NonNullable<VtctldMessage<"ShardRecord">["primaryAlias"]>;

export interface ShardView {
  readonly name: string;
  readonly primary: TabletAlias;
  /** MySQL's name of the database behind the shard. */
  readonly database: string;
  /** Tables that the shard's primary refuses statements on. */
  readonly deniedTables: readonly string[];
}

export interface StreamView {
  readonly id: string;
  /** What it writes to, and the tablet it runs in, as people write it. */
  readonly shard: string;
  readonly tablet: string;
  /** Vitess's word, but for `Retrying`: see `streamState`. */
  readonly state: string;
  /** What it reads. */
  readonly from: { readonly keyspace: string; readonly shard: string };
  /** Empty: it has none yet. */
  readonly position: string;
  /** Where it stops by itself; empty: nowhere. */
  readonly stopPosition: string;
  readonly message: string;
  /** UNIX seconds of the last transaction it applied and of the last time it said anything; 0: never. */
  readonly transactionAt: number;
  readonly updatedAt: number;
  readonly rowsCopied: number;
  /** Who throttles it, and when it last did (UNIX seconds); null: nobody did. */
  readonly throttled: { readonly by: string; readonly at: number } | null;
}

export interface WorkflowView {
  readonly name: string;
  readonly streams: readonly StreamView[];
  /** Seconds by which the slowest stream is behind the source's last transaction, as Vitess counts it. */
  readonly lagSeconds: number;
}

/** Everything that a decision about the handoff rests on, as vtctld shows it at one time. */
export interface HandoffView {
  readonly names: HandoffNames;
  readonly sourceShards: readonly ShardView[];
  readonly targetShards: readonly ShardView[];
  /** null: there is none of that name. */
  readonly moveTables: WorkflowView | null;
  readonly streams: WorkflowView | null;
  readonly bridge: WorkflowView | null;
  /** In the source keyspace, made by a switch. */
  readonly reverse: WorkflowView | null;
  /** Vitess's own words on who has the traffic of the MoveTables workflow; empty without one. */
  readonly trafficState: string;
}

/** Looks at both keyspaces and at the workflows of `names`. Changes nothing. */
export async function readView(vtctld: Vtctld, names: HandoffNames): Promise<HandoffView> {
  const [sourceShards, targetShards, target, source] = await Promise.all([
    readShards(vtctld, names.sourceKeyspace),
    readShards(vtctld, names.targetKeyspace),
    readWorkflows(vtctld, names.targetKeyspace),
    readWorkflows(vtctld, names.sourceKeyspace),
  ]);
  const moveTables = target.get(names.workflow) ?? null;
  return {
    names,
    sourceShards,
    targetShards,
    moveTables,
    streams: target.get(streamsWorkflow(names)) ?? null,
    bridge: target.get(bridgeWorkflow(names)) ?? null,
    reverse: source.get(`${names.workflow}_reverse`) ?? null,
    trafficState: moveTables === null ? "" : await readTraffic(vtctld, names),
  };
}

async function readTraffic(vtctld: Vtctld, { targetKeyspace, workflow }: HandoffNames): Promise<string> {
  const { trafficState } = await vtctld.call("WorkflowStatus", { keyspace: targetKeyspace, workflow });
  return trafficState;
}

async function readShards(vtctld: Vtctld, keyspace: string): Promise<ShardView[]> {
  const { shards } = await vtctld.call("FindAllShardsInKeyspace", { keyspace });
  const views = await Promise.all(
    Object.values(shards).map(async ({ name, shard }): Promise<ShardView> => {
      const primary = shard?.primaryAlias;
      if (!primary) throw noPrimary(keyspace, name);
      const { tablet } = await vtctld.call("GetTablet", { tabletAlias: primary });
      const controls = shard.tabletControls.filter(({ tabletType }) => tabletType === "PRIMARY");
      return {
        name,
        primary,
        database: tablet?.dbNameOverride || `vt_${keyspace}`,
        deniedTables: controls.flatMap(({ deniedTables }) => deniedTables),
      };
    }),
  );
  return views.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readWorkflows(vtctld: Vtctld, keyspace: string): Promise<ReadonlyMap<string, WorkflowView>> {
  const { workflows } = await vtctld.call("GetWorkflows", { keyspace, activeOnly: false, includeLogs: false });
  return new Map(workflows.map((workflow) => [workflow.name, workflowView(workflow)]));
}

function workflowView(workflow: VtctldMessage<"Workflow">): WorkflowView {
  const streams = Object.values(workflow.shardStreams).flatMap(({ streams }) => streams.map(streamView));
  return {
    name: workflow.name,
    streams: streams.sort((a, b) => (a.shard === b.shard ? Number(a.id) - Number(b.id) : a.shard < b.shard ? -1 : 1)),
    lagSeconds: Number(workflow.maxVReplicationTransactionLag),
  };
}

function streamView(stream: VtctldMessage<"Stream">): StreamView {
  const { throttlerStatus: throttling } = stream;
  return {
    id: stream.id,
    shard: stream.shard,
    tablet: stream.tablet === null ? "" : aliasText(stream.tablet),
    state: streamState(stream.state, stream.message),
    from: { keyspace: stream.binlogSource?.keyspace ?? "", shard: stream.binlogSource?.shard ?? "" },
    position: stream.position,
    stopPosition: stream.stopPosition,
    message: stream.message,
    transactionAt: Number(stream.transactionTimestamp?.seconds ?? 0),
    updatedAt: Number(stream.timeUpdated?.seconds ?? 0),
    rowsCopied: Number(stream.rowsCopied),
    throttled: throttling?.componentThrottled
      ? { by: throttling.componentThrottled, at: Number(throttling.timeThrottled?.seconds ?? 0) }
      : null,
  };
}

/** As Vitess writes it: `zone1-0000000200`. */
export function aliasText({ cell, uid }: TabletAlias): string {
  return `${cell}-${String(uid).padStart(10, "0")}`;
}

function noPrimary(keyspace: string, shard: string): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: `Shard ${keyspace}/${shard} has no primary tablet.`,
    now: "Nothing was changed.",
    todo: `Bring its primary up; for a tablet in front of an unmanaged MySQL: vtctldclient TabletExternallyReparented ALIAS.`,
    context: { keyspace, shard },
  });
}
