import type { Config } from "../config/config.ts";
import { asVtpipeError } from "../contracts/errors.ts";
import type { TableSchema } from "../contracts/schema.ts";
import { openSession } from "../mysql/session.ts";
import { readTopology } from "../vitess/topology.ts";
import { readVschema } from "../vitess/vschema.ts";
import type { PlannedTable } from "./plan-job.ts";
import { shardDifferences } from "./shard-differences.ts";
import { schemasOn } from "./target-check.ts";
import { targetAddress } from "./target-side.ts";

/** What a preview wants to know of the live target. */
export interface PreviewTarget {
  readonly kind: "vitess" | "stand-in";
  /** The tables that are there, by target name, as the first shard has them. */
  readonly schemas: ReadonlyMap<string, TableSchema>;
  /** In what other shards' tables differ from those, by target name. */
  readonly differing: ReadonlyMap<string, readonly string[]>;
  /** Columns that decide the shard, by target name; empty for tables of which every shard has a copy. */
  readonly sharding: ReadonlyMap<string, readonly string[]>;
}

/** Asks the target for its tables and vindexes. A target that cannot be asked is none: `why` says it. Changes nothing. */
export async function lookAtTarget(
  config: Config,
  tables: readonly PlannedTable[],
): Promise<{ readonly target: PreviewTarget | null; readonly why: string }> {
  if (config.target === null) return { target: null, why: "no target is configured" };
  const address = targetAddress(config);
  try {
    await using session = await openSession(address, { purpose: "target" });
    const topology = await readTopology(session, address.database);
    const names = tables.map(({ manifest }) => manifest.target);
    const vschema = topology.sharded ? await readVschema(session, topology.keyspace, names) : [];
    const manifests = tables.map(({ manifest }) => manifest);
    const shards: { readonly name: string; readonly schemas: ReadonlyMap<string, TableSchema> }[] = [];
    for (const { name } of topology.shards) {
      shards.push({ name, schemas: await schemasOn({ address, topology }, name, manifests) });
    }
    const schemas = shards[0]?.schemas ?? new Map<string, TableSchema>();
    const differing = new Map(names.map((name) => [name, shardDifferences(name, shards)]));
    const sharding = vschema.map(
      ({ name, primaryVindex }) => [name, primaryVindex?.columns.split(", ") ?? []] as const,
    );
    return { target: { kind: topology.kind, schemas, differing, sharding: new Map(sharding) }, why: "" };
  } catch (thrown) {
    const { message } = asVtpipeError(thrown);
    return { target: null, why: message.replace(/\.$/, "") };
  }
}
