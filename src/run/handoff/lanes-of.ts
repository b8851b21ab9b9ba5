import type { Config } from "../../config/config.ts";
import { followedTables } from "../../config/select-tables.ts";
import type { Sharding } from "../../contracts/handoff.ts";
import { chooseLanes, type LanedTable } from "../../handoff/lanes.ts";
import type { Session } from "../../mysql/session.ts";
import type { Topology } from "../../vitess/topology.ts";
import { readVschema } from "../../vitess/vschema.ts";
import { reportFindings } from "../findings.ts";
import { handoffTables } from "../handoff-tables.ts";
import type { JobContext } from "../job.ts";
import type { JobPlan } from "../plan-job.ts";

/** The lanes of a job's tables but for those that `handoff.follow` names; refuses, with all reasons at once, tables that VReplication cannot carry on. */
export async function lanesOf(
  config: Config,
  plan: JobPlan,
  control: Session,
  topology: Topology,
  context: JobContext,
): Promise<readonly LanedTable[]> {
  const sharding = await readSharding(control, topology, plan);
  const all = handoffTables(plan);
  const followed = followedTables(
    config,
    all.map(({ source }) => source),
  );
  const handed = all.filter(({ source }) => !followed.has(source));
  const { tables, refusals } = chooseLanes(handed, (target) => sharding.get(target) ?? null);
  reportFindings(refusals, context.emit);
  return tables;
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
