import { createSessionPool, type SessionPool } from "../load/session-pool.ts";
import { openSession, type Session } from "../mysql/session.ts";
import type { VerifyTarget } from "../verify/target.ts";
import { shardTarget } from "../vitess/shard-session.ts";
import type { TargetSetup } from "./target-lane.ts";

/** Checksums cost the target's CPU, not ours; a few at once per shard keep it busy without crowding others out. */
const statementsPerShard = 2;

/** A worker's sessions for reading the target, one shard each. */
export function newVerifyLane({ address, topology }: TargetSetup): VerifyTarget {
  const { keyspace, shards } = topology;
  const pool: SessionPool = createSessionPool({
    perDestination: statementsPerShard,
    open: (destination) => openReader({ ...address, database: shardTarget(keyspace, shards[destination]?.name ?? "") }),
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

/** olap: rows are streamed, so neither vttablet's row limit nor its query timeout cuts a large comparison short. */
async function openReader(address: TargetSetup["address"]): Promise<Session> {
  const session = await openSession(address, { purpose: "target" });
  try {
    await session.run("SET workload = 'olap'");
    return session;
  } catch (error) {
    session.destroy();
    throw error;
  }
}
