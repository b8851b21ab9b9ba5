import { measure } from "../measure.ts";
import type { Peer } from "../samples.ts";
import { emptyTarget, expectLoaded, ownChild, type World } from "../world.ts";
import { dumpedPart } from "./vtpipe-load.ts";

export const routedName = "multi-row INSERT, vtgate routes, 4 sessions";
export const directName = "multi-row INSERT into the shards' mysqld, 4 sessions";

/** Plain INSERTs of the same chunk files by our own code: through the gate's routing, or past the gate. */
export function insert(world: World, through: "gate" | "shards"): Peer {
  const name = through === "gate" ? routedName : directName;
  return {
    group: "load",
    name,
    absent: null,
    async run() {
      await emptyTarget(world);
      const measured = await measure(ownChild("insert", world.state.directory, dumpedPart(world), through));
      await expectLoaded(world);
      return [{ ...measured, group: "load", name, rows: world.loadRows, bytesOut: null }];
    },
  };
}
