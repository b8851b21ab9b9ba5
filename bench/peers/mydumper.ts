import { programOnPath } from "../clients.ts";
import type { CustomerWorld } from "../customer-world.ts";
import { customerTable } from "../data/customer.ts";
import { line, measure } from "../measure.ts";
import type { Peer } from "../samples.ts";
import { bytesBelow, freshPath } from "../world.ts";

const THREADS = 4;
/** Without --rows one thread would read the whole table. */
const CHUNK_ROWS = 50_000;

export const mydumperName = (compressed: boolean): string =>
  `mydumper, ${compressed ? "gzip" : "uncompressed"}, ${THREADS} threads`;

export async function mydumper(world: CustomerWorld, compressed: boolean): Promise<Peer> {
  const { sourceOptions, state, rows } = world;
  const program = await programOnPath("mydumper");
  const name = mydumperName(compressed);
  return {
    group: "dump",
    name,
    absent: program === null ? "mydumper is not on PATH" : null,
    async run() {
      const directory = await freshPath(world, "mydumper");
      const what = ["-B", state.source.database, "-T", customerTable, "-o", directory];
      const how = ["-t", String(THREADS), "-r", String(CHUNK_ROWS), ...(compressed ? ["-c"] : [])];
      const measured = await measure(line([program ?? "", `--defaults-file=${sourceOptions}`, ...what, ...how]));
      const bytesOut = await bytesBelow(directory);
      await freshPath(world, "mydumper");
      // It ends with 0 after some failures, too.
      if (bytesOut < rows * 20) throw new Error(`it wrote only ${bytesOut} bytes`);
      return [{ ...measured, group: "dump", name, rows, bytesOut }];
    },
  };
}
