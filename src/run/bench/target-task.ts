import type { DumpedChunk } from "../../contracts/chunk.ts";
import type { ManifestTable } from "../../contracts/manifest.ts";
import type { RowBatch } from "../../contracts/rows.ts";
import { type RoutingPlan, routerOf } from "../../load/routing.ts";
import { rowBuilder, sliceRows } from "../../load/row-select.ts";
import { createSessionPool, type Destination, ROUTED } from "../../load/session-pool.ts";
import type { StrategyName } from "../../load/strategy.ts";
import type { LoadTable } from "../../load/table.ts";
import { createTableLoader } from "../../load/table-loader.ts";
import { openLoadSession } from "../../vitess/shard-session.ts";
import type { ChunkFiles } from "../chunk-files.ts";
import type { StopSignal } from "../stop-signal.ts";
import type { TargetSetup } from "../target-lane.ts";
import { shapeOf } from "./shape-of.ts";

/** Rows a worker is to keep in memory: its share of what all workers are given alike. */
export interface RowsOrder {
  readonly from:
    | { readonly kind: "files"; readonly manifest: ManifestTable; readonly chunks: readonly DumpedChunk[] }
    | { readonly kind: "generated"; readonly shape: string; readonly seed: string };
  readonly share: number;
  readonly shares: number;
  readonly mostBytes: number;
}

export interface KeptRows {
  readonly rows: number;
  readonly bytes: number;
}

/** One way to load those rows. */
export interface SendOrder {
  readonly table: LoadTable;
  readonly plan: RoutingPlan;
  readonly strategy: StrategyName;
  readonly rowsPerStatement: number;
  readonly sessions: number;
  /** After so long no further rows are begun. */
  readonly seconds: number;
}

export interface SentRows {
  readonly rows: number;
  readonly bytes: number;
  /** Until the target had acknowledged the last row. */
  readonly seconds: number;
  readonly statements: number;
  readonly retries: number;
}

/** Between two looks at the clock; also what workers share rows out by. */
const sliceSize = 250;
/** A statement of so many row bytes goes, however few rows it has. */
const statementBytes = 8 << 20;
const lookMs = 100;
/** They are made beforehand, at 200,000 a second and more. */
const mostGenerated = 400_000;

export interface TargetTask {
  keep(order: RowsOrder): Promise<KeptRows>;
  send(order: SendOrder): Promise<SentRows>;
}

/** The worker's side of `bench target`: rows are made ready first, so that no figure has their making in it. */
export function newTargetTask(setup: TargetSetup, files: ChunkFiles, stop: StopSignal): TargetTask {
  const { address, topology, run, statementLimit } = setup;
  let kept: readonly RowBatch[] = [];

  async function* slices(from: RowsOrder["from"]): AsyncGenerator<RowBatch> {
    if (from.kind === "generated") {
      const shape = shapeOf(from.shape);
      for (let first = 1; first <= mostGenerated; first += sliceSize) yield shape.rows(from.seed, first, sliceSize);
    } else {
      for (const dumped of from.chunks) {
        await using opened = await files.open(dumped, from.manifest);
        for await (const batch of opened.batches()) yield* slicesOf(batch);
      }
    }
  }

  return {
    async keep({ from, share, shares, mostBytes }) {
      const own: RowBatch[] = [];
      let [rows, bytes, number] = [0, 0, 0];
      for await (const slice of slices(from)) {
        stop.check();
        if (number++ % shares !== share) continue;
        own.push(copied(slice));
        rows += slice.rows;
        bytes += slice.offsets[slice.rows] as number;
        if (bytes >= mostBytes) break;
      }
      kept = own;
      return { rows, bytes };
    },
    async send({ table, plan, strategy, rowsPerStatement, sessions, seconds }) {
      const pool = createSessionPool({
        places: () => sessions,
        open: (to) =>
          openLoadSession(address, { keyspace: topology.keyspace, shard: topology.shards[to]?.name ?? null }, {}),
      });
      const over = new AbortController();
      const looking = setInterval(() => stop.requested && over.abort(), lookMs);
      try {
        const loader = createTableLoader({
          table,
          plan,
          router: routerOf(plan, table.columns, topology),
          shards: topology.shards.length,
          pool,
          run,
          strategy,
          size: { rows: rowsPerStatement, bytes: statementBytes },
          statementLimit,
        });
        const destinations = plan.kind === "routed" ? [ROUTED] : topology.shards.map((_, shard): Destination => shard);
        // Logging in is no part of the figures.
        const leases = await Promise.all(
          destinations.flatMap((to) => Array.from({ length: sessions }, () => pool.lease(to))),
        );
        await Promise.all(leases.map((lease) => lease.session()));
        for (const lease of leases) lease.release();
        const began = performance.now();
        const past = (): number => (performance.now() - began) / 1000;
        let bytes = 0;
        const feed = async function* (): AsyncGenerator<RowBatch> {
          for (const batch of kept) {
            if (past() >= seconds) return;
            bytes += batch.offsets[batch.rows] as number;
            yield batch;
          }
        };
        const sent = await loader.load(feed(), { chunk: "bench", recover: false, signal: over.signal });
        return { ...sent, bytes, seconds: past() };
      } finally {
        clearInterval(looking);
        await pool.close();
      }
    },
  };
}

function* slicesOf(batch: RowBatch): Generator<RowBatch> {
  for (let row = 0; row < batch.rows; row += sliceSize) {
    yield sliceRows(batch, row, Math.min(batch.rows, row + sliceSize));
  }
}

/** With bytes of its own, so that a share does not keep the other shares alive. */
function copied(batch: RowBatch): RowBatch {
  const builder = rowBuilder();
  for (let row = 0; row < batch.rows; row++) builder.add(batch, row);
  return builder.take();
}
