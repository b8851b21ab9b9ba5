import { createSessionPool, type SessionPool } from "../load/session-pool.ts";
import type { VerifyTarget } from "../verify/target.ts";
import { openReadSession } from "../vitess/shard-session.ts";
import type { TargetSetup } from "./target-lane.ts";

/** Checksums cost the target's CPU, not ours; a few at once per shard keep it busy without crowding others out. */
const statementsPerShard = 2;

/** A worker's sessions for reading the target, one shard each. */
export function newVerifyLane({ address, topology }: TargetSetup): VerifyTarget {
  const { keyspace, shards } = topology;
  const pool: SessionPool = createSessionPool({
    places: () => statementsPerShard,
    open: (destination) => openReadSession(address, keyspace, shards[destination]?.name ?? ""),
  });
  return {
    shards: shards.map(({ name }) => name),
    concurrency: statementsPerShard,
    async withSession(shard, work) {
      const lease = await pool.lease(shards.findIndex(({ name }) => name === shard));
      try {
        return await work(await lease.session());
      } catch (error) {
        lease.discard();
        throw error;
      } finally {
        lease.release();
      }
    },
  };
}
