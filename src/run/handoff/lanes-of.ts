import type { Config } from "../../config/config.ts";
import { followedTables } from "../../config/select-tables.ts";
import type { Sharding } from "../../contracts/handoff.ts";
import { chooseLanes, type Lanes } from "../../handoff/lanes.ts";
import type { Session } from "../../mysql/session.ts";
import { standsStill } from "../../source/source-position.ts";
import type { Topology } from "../../vitess/topology.ts";
import { readVschema } from "../../vitess/vschema.ts";
import { handoffTables } from "../handoff-tables.ts";
import type { JobPlan } from "../plan-job.ts";
import type { SourceSide } from "../source-side.ts";
import type { TargetSide } from "../target-side.ts";

/** The lanes of a job's tables, those aside that `vtpipe follow` carries on; and why VReplication cannot take others. */
export async function lanesOf(
  config: Config,
  { plan, control }: Pick<SourceSide, "plan" | "control">,
  target: Pick<TargetSide, "control" | "topology">,
): Promise<Lanes> {
  const sharding = await readSharding(target.control, target.topology, plan);
  const followed = followedTables(
    config,
    plan.tables.map(({ manifest }) => manifest.source),
  );
  const tables = handoffTables(plan).filter(({ source }) => !followed.has(source));
  return chooseLanes(tables, (name) => sharding.get(name) ?? null, await standsStill(control));
}

async function readSharding(
  control: Session,
  { keyspace, sharded }: Topology,
  plan: JobPlan,
): Promise<ReadonlyMap<string, Sharding>> {
  if (!sharded) return new Map();
  const names = plan.tables.map(({ manifest }) => manifest.target);
  const tables = await readVschema(control, keyspace, names);
  return new Map(
    tables.flatMap(({ name, primaryVindex }): [string, Sharding][] =>
      primaryVindex === null
        ? []
        : [[name, { vindex: `${keyspace}.${primaryVindex.name}`, columns: primaryVindex.columns.split(", ") }]],
    ),
  );
}
