import { denyTables } from "./denied-tables.ts";
import { type CopiedRows, type HandoffPlan, inLane } from "./plan.ts";
import { needed, type Step, type VtctldCall } from "./step.ts";
import { setPosition } from "./stream-sql.ts";
import { runStreams } from "./streams.ts";
import type { HandoffView } from "./view.ts";

/**
 * The lane of verbatim tables: a MoveTables workflow that Vitess switches, reverses and completes. Every function gives the
 * steps that are still to be taken in what `view` shows, none when it is all done.
 */

const switchSlackMs = 120_000;

/**
 * Before the copy: the workflow, stopped. Vitess refuses to make it over tables with rows. It is made without routing
 * rules, which would send what is loaded through vtgate into the source, and its denied tables are lifted.
 */
export function prepareMoveTables(view: HandoffView, plan: HandoffPlan): Step[] {
  const { names, cells, tabletTypes } = plan;
  const tables = inLane(plan.tables, "move-tables").map(({ target }) => target);
  if (tables.length === 0) return [];
  const missing = shardsWithoutStream(view).length > 0;
  const create: Step = {
    title: `Create the MoveTables workflow ${names.workflow}, stopped and without routing rules, for ${tables.length} tables.`,
    calls:
      view.moveTables !== null && !missing
        ? []
        : [
            {
              method: "MoveTablesCreate",
              request: {
                workflow: names.workflow,
                sourceKeyspace: names.sourceKeyspace,
                targetKeyspace: names.targetKeyspace,
                cells,
                tabletTypes,
                tabletSelectionPreference: "INORDER",
                includeTables: tables,
                autoStart: false,
                noRoutingRules: true,
              },
            },
          ],
  };
  // Creating it denies the tables on every shard that does not deny them yet.
  const denying =
    view.moveTables !== null && !missing
      ? view.targetShards
      : view.targetShards.map((shard) => ({ ...shard, deniedTables: [...shard.deniedTables, ...tables] }));
  const lift: Step = {
    title: "Let the target's shards take rows of these tables while they are copied.",
    calls: denyTables(names.targetKeyspace, denying, tables, false),
  };
  // Vitess makes the shards' streams side by side, so that a creation that was cut off may have left some of them.
  const away = missing ? cancelMoveTables(plan, false) : [];
  return needed(...away, create, lift);
}

/** Shards of the target that the MoveTables workflow, if there is one, has no stream into: what changes there would be lost. */
export function shardsWithoutStream({ moveTables, targetShards }: HandoffView): readonly string[] {
  if (moveTables === null) return [];
  const names = targetShards.map(({ name }) => name);
  return names.filter((name) => !moveTables.streams.some(({ shard }) => shard === name));
}

/** Gives the stopped streams the copy's position. Done before bridges are taken away, so that they are not made again. */
export function positionMoveTables(view: HandoffView, plan: HandoffPlan, copied: CopiedRows): Step[] {
  const { names } = plan;
  const tables = inLane(plan.tables, "move-tables");
  const shards = view.targetShards.filter(({ name }) =>
    view.moveTables?.streams.some(({ shard, position }) => shard === name && position === ""),
  );
  const rows = tables.reduce((sum, { source }) => sum + (copied.rows.get(source) ?? 0), 0);
  const share = Math.round(rows / Math.max(1, view.targetShards.length));
  return needed({
    title: `Set the streams of ${names.workflow} to the copy's position.`,
    calls: shards.map(
      ({ primary, database }): VtctldCall => ({
        method: "ExecuteFetchAsDBA",
        request: {
          tabletAlias: primary,
          query: setPosition({ workflow: names.workflow, database }, copied.position, share),
          maxRows: 1,
        },
      }),
    ),
  });
}

/** Denies the tables again, so that only VReplication writes to them, and starts the streams. */
export function startMoveTables(view: HandoffView, plan: HandoffPlan): Step[] {
  const { names } = plan;
  const tables = inLane(plan.tables, "move-tables").map(({ target }) => target);
  if (tables.length === 0) return [];
  return needed(
    {
      title: "Have the target refuse other writers to these tables until traffic is switched.",
      calls: denyTables(names.targetKeyspace, view.targetShards, tables, true),
    },
    runStreams(view.moveTables, names.targetKeyspace, names.workflow),
  );
}

export interface TrafficSwitch {
  /** Back to the source, rather than to the target. */
  readonly back: boolean;
  readonly dryRun: boolean;
  /** Vitess refuses when its own number is larger. */
  readonly allowedLagSeconds: number;
}

/** All tablet types at once: reads and writes go to the target, and a reverse workflow keeps the source up to date. */
export function switchMoveTables(plan: HandoffPlan, { back, dryRun, allowedLagSeconds }: TrafficSwitch): Step[] {
  const { names, switchTimeoutSeconds, cells } = plan;
  return [
    {
      title: back
        ? `Give reads and writes of ${names.workflow} back to the source.`
        : `Switch reads and writes of ${names.workflow} to the target, with replication back to the source.`,
      calls: [
        {
          method: "WorkflowSwitchTraffic",
          request: {
            keyspace: names.targetKeyspace,
            workflow: names.workflow,
            cells,
            tabletTypes: ["PRIMARY", "REPLICA", "RDONLY"],
            maxReplicationLagAllowed: { seconds: allowedLagSeconds },
            enableReverseReplication: true,
            direction: back ? 1 : 0,
            timeout: { seconds: switchTimeoutSeconds },
            initializeTargetSequences: !back,
            dryRun,
          },
          timeoutMs: switchTimeoutSeconds * 1000 + switchSlackMs,
        },
      ],
    },
  ];
}

/** Ends a switched workflow. `dropSource` drops the source's tables. */
export function completeMoveTables(plan: HandoffPlan, dropSource: boolean, dryRun: boolean): Step[] {
  const { names } = plan;
  return [
    {
      title: dropSource
        ? `Complete ${names.workflow} and DROP its tables on the source.`
        : `Complete ${names.workflow}; the source keeps its tables.`,
      calls: [
        {
          method: "MoveTablesComplete",
          request: { workflow: names.workflow, targetKeyspace: names.targetKeyspace, keepData: !dropSource, dryRun },
        },
      ],
    },
  ];
}

/** Ends a workflow that was not switched. `dropTarget` drops the target's tables. */
export function cancelMoveTables(plan: HandoffPlan, dropTarget: boolean): Step[] {
  const { names } = plan;
  return [
    {
      title: dropTarget
        ? `Cancel ${names.workflow} and DROP its tables on the target.`
        : `Cancel ${names.workflow}; the target keeps its rows.`,
      calls: [
        {
          method: "WorkflowDelete",
          request: {
            keyspace: names.targetKeyspace,
            workflow: names.workflow,
            keepData: !dropTarget,
            keepRoutingRules: false,
          },
        },
      ],
    },
  ];
}
