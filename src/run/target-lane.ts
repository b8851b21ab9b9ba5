import type { ManifestTable } from "../contracts/manifest.ts";
import { type RoutingPlan, routerOf } from "../load/routing.ts";
import { createSessionPool } from "../load/session-pool.ts";
import type { StrategyName } from "../load/strategy.ts";
import type { StrategyDecision } from "../load/strategy-choice.ts";
import { createTableLoader, type TableLoader } from "../load/table-loader.ts";
import type { ServerAddress } from "../mysql/server-url.ts";
import { openLoadSession } from "../vitess/shard-session.ts";
import type { Topology } from "../vitess/topology.ts";

/** Where a run's rows go. Plain data, so it crosses threads. */
export interface TargetSetup {
  readonly address: ServerAddress;
  readonly topology: Topology;
  /** Names this run in the load ledger of tables without a key. */
  readonly run: string;
  /** Sessions a worker may have open to each shard. */
  readonly sessionsPerShard: number;
  /** Largest statement the target takes, bytes. */
  readonly statementLimit: number;
}

/** A worker's sessions to the target and its loaders, one per table. */
export interface TargetLane {
  loader(table: ManifestTable, routing: RoutingPlan, strategy: StrategyName | null): TableLoader;
  /** What the probe decided for a table since the last time it was asked. */
  decision(table: string): StrategyDecision | null;
}

export function newTargetLane(setup: TargetSetup): TargetLane {
  const { address, topology, run, sessionsPerShard, statementLimit } = setup;
  const loaders = new Map<string, TableLoader>();
  const decisions = new Map<string, StrategyDecision>();
  const sessions = createSessionPool({
    perDestination: sessionsPerShard,
    open: (destination) =>
      openLoadSession(address, { keyspace: topology.keyspace, shard: topology.shards[destination]?.name ?? null }, {}),
  });
  return {
    loader(table, plan, strategy) {
      const known = loaders.get(table.source);
      if (known !== undefined) return known;
      const { target, columns, key, source } = table;
      const loader = createTableLoader({
        table: { name: target, columns, key },
        plan,
        router: routerOf(plan, columns, topology),
        shards: topology.shards.length,
        pool: sessions,
        run,
        strategy,
        statementLimit,
        onStrategy: (decision) => decisions.set(source, decision),
      });
      loaders.set(source, loader);
      return loader;
    },
    decision(table) {
      const decision = decisions.get(table) ?? null;
      decisions.delete(table);
      return decision;
    },
  };
}
