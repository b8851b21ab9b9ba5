import { keepCellsAndTypes } from "../vitess/vtctld/workflow-update.ts";
import type { BridgeStream } from "./bridge.ts";
import { denyTables } from "./denied-tables.ts";
import type { LanedTable } from "./lanes.ts";
import { type CopiedRows, type HandoffPlan, inLane, tabletTypesText } from "./plan.ts";
import { switchedMessage } from "./state-of.ts";
import { needed, type Step, type VtctldCall } from "./step.ts";
import { type StreamRule, streamRule, streamSource } from "./stream-rules.ts";
import { deleteStopped, insertStream, type NewStream, setMessage, setStopPosition } from "./stream-sql.ts";
import { bridgeWorkflow, type HandoffView, type ShardView, streamsWorkflow, type WorkflowView } from "./view.ts";

/**
 * The lane of transformed tables: streams of our own, whose filters are the SQL twins. Vitess runs them, and knows nothing
 * of switching them.
 */

/** Adds the stopped streams, at the copy's position: one per shard of the source and of the target. */
export function insertStreams(
  view: HandoffView,
  plan: HandoffPlan,
  laned: readonly LanedTable[],
  copied: CopiedRows,
): Step[] {
  const tables = inLane(laned, "streams");
  if (tables.length === 0) return [];
  const workflow = streamsWorkflow(plan.names);
  const rows = tables.reduce((sum, { source }) => sum + (copied.rows.get(source) ?? 0), 0);
  const rowsCopied = Math.round(rows / Math.max(1, view.targetShards.length));
  const missing = view.targetShards.filter((shard) => !hasStreams(view.streams, shard, view.sourceShards.length));
  return needed({
    title: `Add streams for ${tables.length} transformed tables to workflow ${workflow}, stopped at the copy's position.`,
    calls: everyStream(view, missing, (shard) => ({
      rules: tables.map((table) => streamRule(table, shard.name)),
      stream: { workflow, position: copied.position, stopPosition: null, rowsCopied, ...placed(plan, shard) },
    })),
  });
}

/** Adds stopped streams that carry rows read at older positions on to the newest, and no further. */
export function insertBridge(
  view: HandoffView,
  plan: HandoffPlan,
  bridge: readonly BridgeStream[],
  newest: string,
): Step[] {
  const workflow = bridgeWorkflow(plan.names);
  const expected = view.sourceShards.length * bridge.length;
  const missing = view.targetShards.filter((shard) => !hasStreams(view.bridge, shard, expected));
  return needed({
    title: `Add streams to workflow ${workflow} that bring rows read at an older position to the newest one.`,
    calls: bridge.flatMap(({ from, parts }) =>
      everyStream(view, missing, (shard) => ({
        rules: parts.map(({ table, piece }) => streamRule(table, shard.name, piece)),
        stream: { workflow, position: from, stopPosition: newest, rowsCopied: 0, ...placed(plan, shard) },
      })),
    ),
  });
}

/** Starts the streams of a workflow that stand still. */
export function runStreams(workflow: WorkflowView | null, keyspace: string, name: string): Step {
  const running = workflow?.streams.every(({ state }) => state === "Running" || state === "Copying") ?? false;
  return {
    title: `Start the streams of ${name}.`,
    calls: running
      ? []
      : [
          {
            method: "WorkflowUpdate",
            request: { keyspace, tabletRequest: { workflow: name, ...keepCellsAndTypes, state: "Running" } },
          },
        ],
  };
}

/** Stops the streams of a workflow, wherever they are. */
export function stopStreams(keyspace: string, name: string): Step {
  return {
    title: `Stop the streams of ${name}.`,
    calls: [
      {
        method: "WorkflowUpdate",
        request: { keyspace, tabletRequest: { workflow: name, ...keepCellsAndTypes, state: "Stopped" } },
      },
    ],
  };
}

/** Where stopped streams have to stop once they run again; null: nowhere. */
export function limitStreams(view: HandoffView, workflow: string, position: string | null): Step {
  return {
    title:
      position === null
        ? `Let the streams of ${workflow} run on.`
        : `Have the streams of ${workflow} stop at one position.`,
    calls: view.targetShards.map(
      ({ primary, database }): VtctldCall => ({
        method: "ExecuteFetchAsDBA",
        request: { tabletAlias: primary, query: setStopPosition({ workflow, database }, position), maxRows: 1 },
      }),
    ),
  };
}

/** Has the source's tablets refuse statements on the transformed tables. It holds off those who come through vtgate only. */
export function fenceSource(view: HandoffView, plan: HandoffPlan, fence: boolean): Step {
  const tables = inLane(plan.tables, "streams").map(({ source }) => source);
  return {
    title: fence
      ? "Have the source's tablets refuse statements on the transformed tables."
      : "Let the source's tablets take statements on the transformed tables again.",
    calls: denyTables(plan.names.sourceKeyspace, view.sourceShards, tables, fence),
  };
}

/** Notes on stopped streams that traffic has left the source, or that it is back. */
export function markSwitched(view: HandoffView, plan: HandoffPlan, position: string | null): Step {
  const workflow = streamsWorkflow(plan.names);
  const message = position === null ? "" : `${switchedMessage} at ${position}`;
  return {
    title:
      position === null
        ? `Note on ${workflow} that the source has the traffic.`
        : `Note on ${workflow} that the target has the traffic.`,
    calls: view.targetShards.map(
      ({ primary, database }): VtctldCall => ({
        method: "ExecuteFetchAsDBA",
        request: { tabletAlias: primary, query: setMessage({ workflow, database }, message), maxRows: 1 },
      }),
    ),
  };
}

/** Takes a workflow's streams away; its tables stay. */
export function deleteStreams(keyspace: string, workflow: string, view: WorkflowView | null): Step {
  return {
    title: `Delete the streams of ${workflow}; its tables keep their rows.`,
    calls:
      view === null
        ? []
        : [{ method: "WorkflowDelete", request: { keyspace, workflow, keepData: true, keepRoutingRules: true } }],
  };
}

/**
 * Takes the streams of a bridge away, which are stopped before. Vitess's own way refuses a workflow whose streams have different
 * tables, as these have.
 */
export function removeBridge(view: HandoffView): Step[] {
  const { bridge, names, targetShards } = view;
  if (bridge === null) return [];
  const workflow = bridgeWorkflow(names);
  const remove: Step = {
    title: `Delete the streams of ${workflow}; its tables keep their rows.`,
    calls: targetShards.map(
      ({ primary, database }): VtctldCall => ({
        method: "ExecuteFetchAsDBA",
        request: { tabletAlias: primary, query: deleteStopped({ workflow, database }), maxRows: 1 },
      }),
    ),
  };
  const still = bridge.streams.every(({ state }) => state === "Stopped");
  return [...(still ? [] : [stopStreams(names.targetKeyspace, workflow)]), remove];
}

function hasStreams(workflow: WorkflowView | null, shard: ShardView, count: number): boolean {
  return (workflow?.streams.filter((stream) => stream.shard === shard.name).length ?? 0) >= count;
}

function placed(plan: HandoffPlan, { database }: ShardView) {
  return { database, cells: plan.cells.join(","), tabletTypes: tabletTypesText(plan) };
}

/** A stream per shard of the source into each of `shards`. */
function everyStream(
  view: HandoffView,
  shards: readonly ShardView[],
  make: (shard: ShardView) => { rules: readonly StreamRule[]; stream: Omit<NewStream, "source"> },
): VtctldCall[] {
  const { sourceKeyspace: keyspace } = view.names;
  return shards.flatMap((target) =>
    view.sourceShards.map(({ name: shard }): VtctldCall => {
      const { rules, stream } = make(target);
      const insert = (shownRules: readonly StreamRule[]) => ({
        tabletAlias: target.primary,
        query: insertStream({ ...stream, source: streamSource({ keyspace, shard }, shownRules) }),
        maxRows: 1,
      });
      return {
        method: "ExecuteFetchAsDBA",
        request: insert(rules),
        shown: insert(rules.map(({ match }) => ({ match, filter: "(hidden)" }))),
      };
    }),
  );
}
