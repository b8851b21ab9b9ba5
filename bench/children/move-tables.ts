import { setTimeout as sleep } from "node:timers/promises";
import { readState } from "../../src/sandbox/state-file.ts";
import { openVtctld } from "../../src/vitess/vtctld/client.ts";
import { customerTable } from "../data/customer.ts";

export const moveTablesWorkflow = "bench_move";
const pauseMs = 100;
const longestSeconds = 3600;

/**
 * Vitess's own copy, with vtctldclient's defaults: makes the workflow, started, and waits until every row is copied and all
 * streams follow the source. `inserters` copy rows into each shard at once.
 */
export async function moveTables(sandbox: string, inserters: number): Promise<void> {
  const target = (await readState(sandbox))?.target;
  if (!target?.vtctld || !target.sourceKeyspace) throw new Error(`no Vitess in ${sandbox}`);
  await using vtctld = await openVtctld({ address: target.vtctld });
  const of = { keyspace: target.keyspace, workflow: moveTablesWorkflow };
  await vtctld.call("MoveTablesCreate", {
    workflow: moveTablesWorkflow,
    sourceKeyspace: target.sourceKeyspace,
    targetKeyspace: target.keyspace,
    includeTables: [customerTable],
    tabletTypes: ["PRIMARY"],
    tabletSelectionPreference: "INORDER",
    autoStart: true,
    noRoutingRules: false,
    deferSecondaryKeys: true,
    workflowOptions: { config: { "vreplication-parallel-insert-workers": String(inserters) } },
  });
  const until = Date.now() + longestSeconds * 1000;
  for (;;) {
    const { tableCopyState, shardStreams } = await vtctld.call("WorkflowStatus", of);
    const streams = Object.values(shardStreams).flatMap((shard) => shard.streams);
    // A stream says Running for a moment before its copy begins; it has no position then.
    const running = streams.every(({ status, position }) => status === "Running" && position !== "");
    if (streams.length > 0 && running && Object.keys(tableCopyState).length === 0) return;
    if (Date.now() > until) throw new Error(`no end of the copy in ${longestSeconds} s`);
    await sleep(pauseMs);
  }
}
