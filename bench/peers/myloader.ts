import { programOnPath } from "../clients.ts";
import { type CustomerWorld, emptyTarget, expectLoaded } from "../customer-world.ts";
import { customerTable } from "../data/customer.ts";
import { line, measure } from "../measure.ts";
import type { Peer } from "../samples.ts";
import { freshPath, makingSession } from "../world.ts";

const THREADS = 4;
/** mydumper takes no condition, so the rows that are loaded wait in a database of their own. */
const partDatabase = "bench_part";

export const myloaderName: string = `mydumper, then myloader through the gate, ${THREADS} threads`;

/** What mydumper's users would do: its dump, loaded by its loader; both are in the time. */
export async function myloader(world: CustomerWorld): Promise<Peer> {
  const { sourceOptions, gateOptions, target, loadRows } = world;
  const [dumper, loader] = [await programOnPath("mydumper"), await programOnPath("myloader")];
  return {
    group: "load",
    name: myloaderName,
    absent: dumper === null || loader === null ? "mydumper or myloader is not on PATH" : null,
    async run() {
      await makePart(world);
      await emptyTarget(world);
      const directory = await freshPath(world, "mydumper");
      // Without the schema, which is on the target; with column names, which vtgate needs for routing.
      const what = ["-B", partDatabase, "-T", customerTable, "-o", directory, "-m", "--complete-insert"];
      const dump = line([dumper ?? "", `--defaults-file=${sourceOptions}`, ...what, "-t", String(THREADS)]);
      const how = ["-s", partDatabase, "-B", target.keyspace, "-d", directory, "-t", String(THREADS)];
      const load = line([loader ?? "", `--defaults-file=${gateOptions}`, ...how]);
      const measured = await measure(`${dump} && ${load}`);
      await freshPath(world, "mydumper");
      await expectLoaded(world);
      return [{ ...measured, group: "load", name: myloaderName, rows: loadRows, bytesOut: null }];
    },
  };
}

async function makePart(world: CustomerWorld): Promise<void> {
  const { database } = world.state.source;
  await using session = await makingSession(world);
  const [there] = await session.query(`SHOW DATABASES LIKE '${partDatabase}'`);
  if (there !== undefined) return;
  await session.run(`CREATE DATABASE ${partDatabase}`);
  await session.run(`CREATE TABLE ${partDatabase}.${customerTable} LIKE ${database}.${customerTable}`);
  await session.run(
    `INSERT INTO ${partDatabase}.${customerTable} SELECT * FROM ${database}.${customerTable} WHERE id <= ${world.loadRows}`,
  );
}
