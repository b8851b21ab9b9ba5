import { cp } from "node:fs/promises";
import { join } from "node:path";
import { measure } from "../measure.ts";
import type { Peer, Sample } from "../samples.ts";
import { emptyTarget, expectLoaded, freshPath, vtpipe, type World } from "../world.ts";

type Strategy = "auto" | "values" | "json-table";

export const loadName = (strategy: Strategy): string => `vtpipe load, ${strategy}`;
export const verifyName = "vtpipe verify";
export const partDumpName = "vtpipe dump of the loaded part";

/** Where the rows all loads take wait as a run directory. */
export function dumpedPart(world: World): string {
  return join(world.folder, "part");
}

/** Dumps what is loaded afterwards. */
export async function dumpPart(world: World): Promise<void> {
  const directory = await freshPath(world, "part");
  await measure(vtpipe("dump", "-c", world.loadConfig, "--directory", directory));
}

/** `vtpipe load` of that run directory; after `auto` the rows are verified and dumped again, for verification's share. */
export function vtpipeLoad(world: World, strategy: Strategy): Peer {
  const name = loadName(strategy);
  const rows = world.loadRows;
  return {
    group: "load",
    name,
    absent: null,
    async run() {
      await emptyTarget(world);
      // A copy: a run directory remembers that it was loaded.
      const directory = await freshPath(world, "load");
      await cp(dumpedPart(world), directory, { recursive: true });
      const words = ["-c", world.loadConfig, "--no-verify"];
      const measured = await measure(vtpipe("load", directory, ...words, "--strategy", strategy));
      await expectLoaded(world);
      const load: Sample = { ...measured, group: "load", name, rows, bytesOut: null };
      return strategy === "auto" ? [load, ...(await verifyShare(world, directory))] : [load];
    },
  };
}

async function verifyShare(world: World, directory: string): Promise<Sample[]> {
  const rest = { group: "verify", rows: world.loadRows, bytesOut: null } as const;
  const verify = await measure(vtpipe("verify", directory, "-c", world.loadConfig));
  const again = await freshPath(world, "again");
  const dump = await measure(vtpipe("dump", "-c", world.loadConfig, "--directory", again));
  return [
    { ...verify, ...rest, name: verifyName },
    { ...dump, ...rest, name: partDumpName },
  ];
}
