import { cp } from "node:fs/promises";
import { join } from "node:path";
import { type CustomerWorld, emptyTarget, expectLoaded } from "../customer-world.ts";
import { measure } from "../measure.ts";
import type { Peer } from "../samples.ts";
import { freshPath, vtpipe, type World } from "../world.ts";

type Strategy = "auto" | "values" | "json-table";

export const loadName = (strategy: Strategy): string => `vtpipe load, ${strategy}`;

/** Where the rows all loads take wait as a run directory. */
export function dumpedPart({ folder }: World): string {
  return join(folder, "part");
}

/** Dumps what is loaded afterwards. */
export async function dumpPart(world: CustomerWorld): Promise<void> {
  const directory = await freshPath(world, "part");
  await measure(vtpipe("dump", "-c", world.loadConfig, "--directory", directory));
}

/** `vtpipe load` of that run directory, not verified. */
export function vtpipeLoad(world: CustomerWorld, strategy: Strategy): Peer {
  const name = loadName(strategy);
  const rows = world.loadRows;
  return {
    group: "load",
    name,
    absent: null,
    async run() {
      await emptyTarget(world);
      const directory = await copyOfPart(world);
      const words = ["-c", world.loadConfig, "--no-verify"];
      const measured = await measure(vtpipe("load", directory, ...words, "--strategy", strategy));
      await expectLoaded(world);
      return [{ ...measured, group: "load", name, rows, bytesOut: null }];
    },
  };
}

/** A run directory remembers that it was loaded, so each load has a copy. */
export async function copyOfPart(world: CustomerWorld): Promise<string> {
  const directory = await freshPath(world, "load");
  await cp(dumpedPart(world), directory, { recursive: true });
  return directory;
}
