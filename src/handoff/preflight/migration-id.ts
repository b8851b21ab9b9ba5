import type { WorkflowView } from "../view.ts";

const prime = 1_099_511_628_211n;
const offset = 14_695_981_039_346_656_037n;
const bits64 = (1n << 64n) - 1n;

/**
 * The number by which Vitess knows a migration in `_vt.resharding_journal`: FNV-1 of the target keyspace and of "shard:stream
 * id" of every stream in order, without its highest bit.
 */
export function migrationId(targetKeyspace: string, { streams }: Pick<WorkflowView, "streams">): bigint {
  const parts = streams.map(({ shard, id }) => Buffer.from(`${shard}:${id}`)).sort(Buffer.compare);
  let hash = offset;
  for (const byte of Buffer.concat([Buffer.from(targetKeyspace), ...parts])) {
    hash = ((hash * prime) & bits64) ^ BigInt(byte);
  }
  return hash & (bits64 >> 1n);
}
