import type { ManifestTable } from "../contracts/manifest.ts";
import type { PaceChange } from "../load/pace.ts";
import type { PaceBounds } from "../load/pace-bounds.ts";
import { newPaces } from "../load/paces.ts";
import { type RoutingPlan, routerOf } from "../load/routing.ts";
import { createSessionPool, type Destination } from "../load/session-pool.ts";
import type { StrategyName } from "../load/strategy.ts";
import type { StrategyDecision } from "../load/strategy-choice.ts";
import { createTableLoader, type TableLoader } from "../load/table-loader.ts";
import type { ServerAddress } from "../mysql/server-url.ts";
import { openLoadSession } from "../vitess/shard-session.ts";
import type { Topology } from "../vitess/topology.ts";
import type { LaneNotes } from "./stalls/lane-notes.ts";

/** Where a run's rows go. Plain data, so it crosses threads. */
export interface TargetSetup {
  readonly address: ServerAddress;
  readonly topology: Topology;
  /** Names this run in the load ledger of tables without a key. */
  readonly run: string;
  /** Between what a worker's statements to each shard may move. */
  readonly pace: PaceBounds;
  /** Largest statement the target takes, bytes. */
  readonly statementLimit: number;
}

/**
 * Tables whose loaders a worker keeps: each holds buffers, and of thousands of tables only a few are being loaded. One that was
 * let go is made again, at the price of finding its strategy once more.
 */
const loadersKept = 16;

/** A worker's sessions to the target and its loaders, one per table. */
export interface TargetLane {
  loader(table: ManifestTable, routing: RoutingPlan, strategy: StrategyName | null): TableLoader;
  /** What the probe decided for a table since the last time it was asked. */
  decision(table: string): StrategyDecision | null;
  /** How the pace has changed since the last time it was asked. */
  paceChanges(): ShardPace[];
}

/** A change of one worker's pace at one shard; null: where vtgate routes. */
export interface ShardPace extends PaceChange {
  readonly shard: string | null;
}

export function newTargetLane(setup: TargetSetup, onTaken: LaneNotes["inFlight"]): TargetLane {
  const { address, topology, run, statementLimit } = setup;
  const loaders = new Map<string, TableLoader>();
  const decisions = new Map<string, StrategyDecision>();
  const shardOf = (destination: Destination): string | null => topology.shards[destination]?.name ?? null;
  const paces = newPaces(setup.pace);
  const sessions = createSessionPool({
    places: (destination) => paces.of(destination).pace.sessions,
    open: (destination) => openLoadSession(address, { keyspace: topology.keyspace, shard: shardOf(destination) }, {}),
    onTaken,
  });
  return {
    loader(table, plan, strategy) {
      const known = loaders.get(table.source);
      if (known !== undefined) {
        // A map keeps the order of insertion: the one used longest ago comes first.
        loaders.delete(table.source);
        loaders.set(table.source, known);
        return known;
      }
      const { target, columns, key, source } = table;
      const loader = createTableLoader({
        table: { name: target, columns, key },
        plan,
        router: routerOf(plan, columns, topology),
        shards: topology.shards.length,
        pool: sessions,
        paces,
        run,
        strategy,
        statementLimit,
        onStrategy: (decision) => decisions.set(source, decision),
      });
      loaders.set(source, loader);
      const [oldest] = loaders.keys();
      if (loaders.size > loadersKept && oldest !== undefined) loaders.delete(oldest);
      return loader;
    },
    decision(table) {
      const decision = decisions.get(table) ?? null;
      decisions.delete(table);
      return decision;
    },
    paceChanges: () =>
      paces.changes().map(({ destination, ...change }) => ({ ...change, shard: shardOf(destination) })),
  };
}
