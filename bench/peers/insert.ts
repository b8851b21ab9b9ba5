import { type CustomerWorld, emptyTarget, expectLoaded } from "../customer-world.ts";
import { measure } from "../measure.ts";
import type { Group, Peer } from "../samples.ts";
import { ownChild } from "../world.ts";
import { dumpedPart } from "./vtpipe-load.ts";

export const routedName = "multi-row INSERT, vtgate routes, 4 sessions";
export const directName = "multi-row INSERT into the shards' mysqld, 4 sessions";

/** Plain INSERTs of the same chunk files by our own code: through the gate's routing, or past the gate. */
export function insert(
  world: CustomerWorld,
  through: "gate" | "shards",
  { group, name }: { readonly group: Group; readonly name: string } = {
    group: "load",
    name: through === "gate" ? routedName : directName,
  },
): Peer {
  return {
    group,
    name,
    absent: null,
    async run() {
      await emptyTarget(world);
      const measured = await measure(ownChild("insert", world.state.directory, dumpedPart(world), through));
      await expectLoaded(world);
      return [{ ...measured, group, name, rows: world.loadRows, bytesOut: null }];
    },
  };
}
