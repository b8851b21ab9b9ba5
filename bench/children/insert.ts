import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RowBatch } from "../../src/contracts/rows.ts";
import { planRouting, type RoutingPlan, routerOf } from "../../src/load/routing.ts";
import { createSessionPool, type Destination, type SessionPool } from "../../src/load/session-pool.ts";
import { createTableLoader } from "../../src/load/table-loader.ts";
import { openSession, type Session } from "../../src/mysql/session.ts";
import { readState, type SandboxState } from "../../src/sandbox/state-file.ts";
import { openChunkFile } from "../../src/store/chunk-file-reader.ts";
import type { ChunkFileHeader } from "../../src/store/chunk-header.ts";
import { openLoadSession, prepareForLoading } from "../../src/vitess/shard-session.ts";
import { readTopology } from "../../src/vitess/topology.ts";
import { customerTable } from "../data/customer.ts";
import { adminAddress, gateAddress } from "../world.ts";

const SESSIONS = 4;

/** Loads the chunk files of a run directory with plain multi-row INSERTs, in one thread. */
export async function insertChunks(sandbox: string, directory: string, through: "gate" | "shards"): Promise<void> {
  const state = await readState(sandbox);
  const target = state?.target;
  if (state === null || !target) throw new Error(`no sandbox in ${sandbox}`);
  const gate = gateAddress(target);
  await using session = await openSession(gate, { purpose: "target" });
  const topology = await readTopology(session, target.keyspace);
  const files = await chunkFiles(directory);
  const { columns, key } = await headerOf(files[0] ?? "");
  const vindex = { name: "hash", type: "hash", params: "", columns: "id" };
  const plan: RoutingPlan =
    through === "gate"
      ? { kind: "routed", why: "asked for" }
      : planRouting({ name: customerTable, primaryVindex: vindex, ownedLookups: [] }, columns, topology);
  const pool = sessionsTo(state, through);
  const loader = createTableLoader({
    table: { name: customerTable, columns, key },
    plan,
    router: routerOf(plan, columns, topology),
    shards: topology.shards.length,
    pool,
    run: "bench",
    strategy: "values",
  });
  // All files as one stream: a pause between them would be our own doing.
  await loader.load(batchesOf(files), { chunk: "bench", recover: false });
  await pool.close();
}

function sessionsTo(state: SandboxState, through: "gate" | "shards"): SessionPool {
  const { target, shards } = state;
  if (target === null) throw new Error("the sandbox has no target");
  const gate = { keyspace: target.keyspace, shard: null };
  const places = through === "gate" ? SESSIONS : Math.max(1, SESSIONS / shards.length);
  return createSessionPool({
    places: () => places,
    open: (destination: Destination): Promise<Session> =>
      through === "gate" ? openLoadSession(gateAddress(target), gate, {}) : openDirect(state, destination),
  });
}

async function openDirect(state: SandboxState, destination: Destination): Promise<Session> {
  const shard = state.shards[destination];
  if (shard === undefined) throw new RangeError(`no shard ${destination}`);
  const session = await openSession(adminAddress(shard), { purpose: "target" });
  await prepareForLoading(session);
  return session;
}

async function chunkFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  return names
    .filter((name) => name.endsWith(".zst"))
    .sort()
    .map((name) => join(directory, name));
}

async function headerOf(path: string): Promise<ChunkFileHeader> {
  await using file = await openChunkFile(path);
  return file.header;
}

async function* batchesOf(files: readonly string[]): AsyncGenerator<RowBatch> {
  for (const path of files) {
    await using file = await openChunkFile(path);
    yield* file.batches();
  }
}
