import { measure } from "../measure.ts";
import type { Peer } from "../samples.ts";
import { bytesBelow, freshPath, vtpipe, type World } from "../world.ts";

export const dumpName = (workers: number): string => `vtpipe dump, zstd, ${workers} worker${workers > 1 ? "s" : ""}`;

/** The real command line, with its start, its snapshot and its fsyncs. */
export function vtpipeDump(world: World, workers: number): Peer {
  const name = dumpName(workers);
  return {
    group: "dump",
    name,
    absent: null,
    async run() {
      const directory = await freshPath(world, "dump");
      const words = ["-c", world.dumpConfig, "--directory", directory, "--workers", String(workers)];
      const measured = await measure(vtpipe("dump", ...words));
      const bytesOut = await bytesBelow(directory);
      await freshPath(world, "dump");
      return [{ ...measured, group: "dump", name, rows: world.rows, bytesOut }];
    },
  };
}
