import { openVtctld } from "../../src/vitess/vtctld/client.ts";
import { moveTablesWorkflow } from "../children/move-tables.ts";
import { type CustomerWorld, emptyTarget, expectLoaded } from "../customer-world.ts";
import { customerTable } from "../data/customer.ts";
import { measure } from "../measure.ts";
import type { Group, Peer } from "../samples.ts";
import { freshPath, ownChild, vtpipe, type World } from "../world.ts";

export const copyAndHandoffName = (verify: boolean): string =>
  `vtpipe run${verify ? ", verified" : ""}, then vtpipe handoff`;
export const moveTablesName = (inserters: number): string =>
  `MoveTables, ${inserters === 1 ? "its defaults" : `${inserters} inserters`}`;

const needsVitess = ({ target }: World): string | null =>
  target.vtctld === null ? `it needs Vitess; the target is the ${target.description}` : null;

/** From an empty target to VReplication's streams following the source: our copy, and the handoff. */
export function copyAndHandoff(world: CustomerWorld, { verify }: { readonly verify: boolean }): Peer {
  return handoffPeer(world, "handoff", copyAndHandoffName(verify), async () => {
    const words = ["-c", world.handoffConfig ?? "", "--directory", await freshPath(world, "handoff")];
    const run = vtpipe("run", ...words, ...(verify ? [] : ["--no-verify"]));
    return {
      shellLine: `${run} && ${vtpipe("handoff", ...words)}`,
      forget: () => measure(vtpipe("cancel", ...words)),
    };
  });
}

/** The same by Vitess alone. Its client CPU is that of the program which waits for it: tablets do the work. */
export function moveTablesCopy(world: CustomerWorld, group: Group, inserters: number): Peer {
  return handoffPeer(world, group, moveTablesName(inserters), async () => ({
    shellLine: ownChild("move-tables", world.state.directory, String(inserters)),
    forget: () => forgetMoveTables(world),
  }));
}

/** A line that is measured, and what takes its workflow away again. */
interface Way {
  readonly shellLine: string;
  forget(): Promise<unknown>;
}

function handoffPeer(world: CustomerWorld, group: Group, name: string, way: () => Promise<Way>): Peer {
  return {
    group,
    name,
    absent: needsVitess(world),
    async run() {
      await emptyTarget(world);
      const { shellLine, forget } = await way();
      try {
        const measured = await measure(shellLine);
        await expectLoaded(world, world.rows);
        return [{ ...measured, group, name, rows: world.rows, bytesOut: null }];
      } finally {
        await forget();
      }
    },
  };
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
