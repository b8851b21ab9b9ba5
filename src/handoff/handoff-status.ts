import type {
  BinlogClock,
  HandoffStatus,
  LaneStatus,
  StreamStatus,
  WorkflowStatus,
} from "../contracts/handoff-status.ts";
import { parsePosition } from "../mysql/gtid-set.ts";
import { type BinlogKeeping, binlogClock } from "./binlog-clock.ts";
import { lookAt, type SourceLook, type StreamLook, streamStatus, throttledNow } from "./stream-status.ts";
import { throttling } from "./throttling.ts";
import type { HandoffView, StreamView, WorkflowView } from "./view.ts";

/** A server that streams read from. */
export interface ServerLook extends SourceLook {
  readonly keeping: BinlogKeeping;
}

/** All that was seen at one time. */
export interface HandoffLook {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly lanes: readonly LaneStatus[];
  readonly view: HandoffView;
  /** By `keyspace/shard`; looked at before the view was. One that did not answer is not there. */
  readonly servers: ReadonlyMap<string, ServerLook>;
  /** What throttlers say, by `streamKey`. */
  readonly throttlers: ReadonlyMap<string, string>;
}

/** What is remembered from one look to the next. */
export interface HandoffMemory {
  readonly servers: ReadonlyMap<string, readonly SourceLook[]>;
  readonly streams: ReadonlyMap<string, readonly StreamLook[]>;
}

/** Looks that are remembered: a minute of them at the usual pace, over which a pace is steady enough to say. */
const looksKept = 30;

/** The memory before the first look: the snapshots of the copy, whose positions were complete when they were taken. */
export function snapshotMemory(
  server: string,
  snapshots: readonly { position: string | null; takenAt: string }[],
): HandoffMemory {
  const looks = snapshots.flatMap(({ position, takenAt }): SourceLook[] => {
    if (position === null) return [];
    return [{ at: Date.parse(takenAt) / 1000, executed: parsePosition(position) }];
  });
  return { servers: new Map([[server, looks]]), streams: new Map() };
}

/** A workflow of the view with what it is for and the keyspace it writes to. */
export interface RoledWorkflow {
  readonly role: WorkflowStatus["role"];
  readonly into: string;
  readonly workflow: WorkflowView;
}

export function workflowsOf({ names, moveTables, streams, bridge, reverse }: HandoffView): RoledWorkflow[] {
  const { sourceKeyspace, targetKeyspace } = names;
  return [
    { role: "move-tables" as const, into: targetKeyspace, workflow: moveTables },
    { role: "streams" as const, into: targetKeyspace, workflow: streams },
    { role: "bridge" as const, into: targetKeyspace, workflow: bridge },
    { role: "reverse" as const, into: sourceKeyspace, workflow: reverse },
  ].flatMap(({ role, into, workflow }) => (workflow === null ? [] : [{ role, into, workflow }]));
}

/** Names a stream among all of a handoff's. */
export const streamKey = (into: string, workflow: string, { id, shard }: StreamView): string =>
  `${into}/${shard} ${workflow} ${id}`;

/** Pure: how the handoff stands, and what to remember of this look. */
export function handoffStatus(
  look: HandoffLook,
  memory: HandoffMemory,
): { readonly status: HandoffStatus; readonly memory: HandoffMemory } {
  const streamLooks = new Map<string, readonly StreamLook[]>();
  const workflows = workflowsOf(look.view).map(
    ({ role, into, workflow }): WorkflowStatus => ({
      name: workflow.name,
      role,
      streams: workflow.streams.map((stream): StreamStatus => {
        const key = streamKey(into, workflow.name, stream);
        const from = `${stream.from.keyspace}/${stream.from.shard}`;
        const source = look.servers.get(from) ?? null;
        const known = memory.streams.get(key) ?? [];
        const seen = lookAt(stream, source);
        const status = streamStatus(stream, {
          into: `${into}/${stream.shard}`,
          source,
          sourceLooks: memory.servers.get(from) ?? [],
          streamLooks: known,
          throttled: throttledNow(stream) ? throttling(stream, look.throttlers.get(key) ?? "") : null,
        });
        // A stream that stood still has no pace from before.
        if (seen !== null && status.trend !== "idle") streamLooks.set(key, [...known, seen].slice(-looksKept));
        return status;
      }),
    }),
  );
  const status: HandoffStatus = {
    at: look.at,
    lanes: look.lanes,
    workflows,
    binlogs: binlogClocks(look, workflows),
    away: null,
  };
  return { status, memory: { servers: serverLooks(look, memory), streams: streamLooks } };
}

function serverLooks({ servers }: HandoffLook, memory: HandoffMemory): ReadonlyMap<string, readonly SourceLook[]> {
  const all = new Map(memory.servers);
  for (const [name, { at, executed }] of servers) {
    const [first, ...rest] = [...(all.get(name) ?? []), { at, executed }];
    // The first is the copy's snapshot, which stays true for a stream that was never started.
    if (first !== undefined) all.set(name, [first, ...rest.slice(1 - looksKept)]);
  }
  return all;
}

/** For servers whose binary logs some stream has still to read. */
function binlogClocks({ servers }: HandoffLook, workflows: readonly WorkflowStatus[]): BinlogClock[] {
  const streams = workflows.flatMap((workflow) => workflow.streams);
  return [...servers].flatMap(([name, { keeping }]): BinlogClock[] => {
    const reading = streams.filter(({ from, transactionsBehind }) => from === name && transactionsBehind !== null);
    if (reading.length === 0) return [];
    return [
      binlogClock(
        name,
        keeping,
        reading.map(({ position, secondsBehind }) => ({
          position: parsePosition(position),
          ageSeconds: secondsBehind,
        })),
      ),
    ];
  });
}
