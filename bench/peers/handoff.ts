import { openVtctld } from "../../src/vitess/vtctld/client.ts";
import { moveTablesWorkflow } from "../children/move-tables.ts";
import { customerTable } from "../data/customer.ts";
import { measure } from "../measure.ts";
import type { Peer, Sample } from "../samples.ts";
import { emptyTarget, expectLoaded, freshPath, ownChild, vtpipe, type World } from "../world.ts";

export const copyAndHandoffName = (verify: boolean): string =>
  `vtpipe run${verify ? ", verified" : ""}, then vtpipe handoff`;
export const moveTablesName = (inserters: number): string =>
  `MoveTables, ${inserters === 1 ? "its defaults" : `${inserters} inserters`}`;

const needsVitess = ({ target }: World): string | null =>
  target.vtctld === null ? `it needs Vitess; the target is the ${target.description}` : null;

/** From an empty target to VReplication's streams following the source: our copy, and the handoff. */
export function copyAndHandoff(world: World, { verify }: { readonly verify: boolean }): Peer {
  const name = copyAndHandoffName(verify);
  return {
    group: "handoff",
    name,
    absent: needsVitess(world),
    async run() {
      await emptyTarget(world);
      const words = ["-c", world.handoffConfig, "--directory", await freshPath(world, "handoff")];
      const run = vtpipe("run", ...words, ...(verify ? [] : ["--no-verify"]));
      try {
        const measured = await measure(`${run} && ${vtpipe("handoff", ...words)}`);
        return [await sampleOf(world, name, measured)];
      } finally {
        await measure(vtpipe("cancel", ...words));
      }
    },
  };
}

/** The same by Vitess alone. Its client CPU is that of the program which waits for it: tablets do the work. */
export function moveTablesCopy(world: World, inserters: number): Peer {
  const name = moveTablesName(inserters);
  return {
    group: "handoff",
    name,
    absent: needsVitess(world),
    async run() {
      await emptyTarget(world);
      try {
        const measured = await measure(ownChild("move-tables", world.state.directory, String(inserters)));
        return [await sampleOf(world, name, measured)];
      } finally {
        await forgetMoveTables(world);
      }
    },
  };
}

async function sampleOf(world: World, name: string, measured: Omit<Sample, "group" | "name" | "rows" | "bytesOut">) {
  await expectLoaded(world, world.rows);
  return { ...measured, group: "handoff", name, rows: world.rows, bytesOut: null } as const;
}

/** Takes the workflow away and lets the shards take statements again, which Vitess leaves denied. */
async function forgetMoveTables({ target, state }: World): Promise<void> {
  await using vtctld = await openVtctld({ address: target.vtctld ?? "" });
  const { keyspace } = target;
  await vtctld.call("WorkflowDelete", {
    keyspace,
    workflow: moveTablesWorkflow,
    keepData: true,
    keepRoutingRules: false,
  });
  for (const { name: shard } of state.shards) {
    const lift = { keyspace, shard, tabletType: "PRIMARY", deniedTables: [customerTable], remove: true } as const;
    await vtctld.call("SetShardTabletControl", lift);
    await vtctld.call("RefreshStateByShard", { keyspace, shard });
  }
}
