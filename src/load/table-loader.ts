import { VtpipeError } from "../contracts/errors.ts";
import type { RowBatch } from "../contracts/rows.ts";
import { findCells } from "../mysql/cells.ts";
import type { ShardRouter } from "../vitess/shard-router.ts";
import { type DeliveryContext, deliverKeyed, stopped } from "./deliver.ts";
import { deliverBlind, deliverWithLedger } from "./deliver-keyless.ts";
import { jsonTableStrategy } from "./json-table.ts";
import { type KeyReader, keyReader, rowText } from "./keys.ts";
import { modeSplitter } from "./load-mode.ts";
import type { PaceController } from "./pace.ts";
import { fixedBounds, type StatementSize, statementSize } from "./pace-bounds.ts";
import { newPaces, type Paces } from "./paces.ts";
import { type RetryLimits, retryLimits } from "./retry.ts";
import type { RoutingPlan } from "./routing.ts";
import { gateStatementLimit } from "./row-limit.ts";
import { rowBuilder } from "./row-select.ts";
import { type Destination, type Lease, ROUTED, type SessionPool } from "./session-pool.ts";
import type { StrategyName } from "./strategy.ts";
import { chooseStrategy, type StrategyDecision } from "./strategy-choice.ts";
import type { LoadTable } from "./table.ts";
import { valuesStrategy } from "./values.ts";

export interface TableLoaderOptions {
  readonly table: LoadTable;
  readonly plan: RoutingPlan;
  /** Of `routerOf(plan, …)`. */
  readonly router: ShardRouter | null;
  readonly shards: number;
  readonly pool: SessionPool;
  /** Names the run in the load ledger of keyless tables: the same for every process that continues it. */
  readonly run: string;
  /** null: both, the faster one is found out on the first rows. */
  readonly strategy?: StrategyName | null;
  /** Of the parts that rows of a table without a key are cut into; of statements too where there are no `paces`. */
  readonly size?: StatementSize;
  /** How fast rows go to each destination; shared by all tables of a pool. Default: statements of one size. */
  readonly paces?: Paces;
  /** Of `readStatementLimit`. */
  readonly statementLimit?: number;
  readonly limits?: RetryLimits;
  readonly onStrategy?: (decision: StrategyDecision) => void;
}

export interface LoadOptions {
  readonly chunk: string;
  /** Was the chunk begun by an earlier try, so that rows of it may be on the target? */
  readonly recover: boolean;
  /** Aborting it ends the load after the statements in flight. */
  readonly signal?: AbortSignal;
  /** Told in seconds what placing rows and encoding statements takes, and how long the next statement waits for the target. */
  readonly onTime?: (what: "encode" | "target", seconds: number) => void;
  /** Told of each statement that the target has acknowledged. */
  readonly onAnswer?: () => void;
}

export interface LoadResult {
  readonly rows: number;
  readonly statements: number;
  readonly retries: number;
}

/** Loads chunks of one table, one chunk at a time, several statements in flight. */
export interface TableLoader {
  /** Ends when the target has acknowledged every row. Throws `target`, `access` or `interrupted`. */
  load(batches: AsyncIterable<RowBatch>, options: LoadOptions): Promise<LoadResult>;
}

export function createTableLoader(options: TableLoaderOptions): TableLoader {
  const { table, plan, router, pool, size = statementSize } = options;
  const paces = options.paces ?? newPaces(fixedBounds(size));
  const strategies = { values: valuesStrategy(table), "json-table": jsonTableStrategy(table) };
  const candidates = options.strategy ? [strategies[options.strategy]] : [strategies["json-table"], strategies.values];
  const choice = chooseStrategy(candidates, options.onStrategy);
  const keys = keyReader(table);
  const split = modeSplitter(table);
  const destinations = destinationsOf(plan, options.shards);

  return {
    async load(batches, { chunk, recover, signal, onTime = () => {}, onAnswer = () => {} }) {
      const counts = { rows: 0, statement: 0, retry: 0 };
      /** Milliseconds so far. Statements are encoded while others wait for their place. */
      let [encoded, waited] = [0, 0];
      const waitFor = async <T>(target: Promise<T>): Promise<T> => {
        const [began, encodedBefore] = [performance.now(), encoded];
        const result = await target;
        const ms = performance.now() - began;
        waited += ms;
        onTime("target", Math.max(0, ms - (encoded - encodedBefore)) / 1000);
        return result;
      };
      const context = (pace: PaceController): DeliveryContext => {
        let { ticket } = pace;
        return {
          place: { table, keys, chunk },
          choice,
          statementLimit: options.statementLimit ?? gateStatementLimit,
          limits: options.limits ?? retryLimits,
          signal,
          recover,
          split,
          size: () => pace.pace,
          answered: (rows, milliseconds) => {
            onAnswer();
            pace.answered({
              rows: rows.rows,
              bytes: rows.offsets[rows.rows] as number,
              milliseconds,
              at: performance.now(),
              ticket,
              comparable: choice.decision() !== null,
              table: table.name,
            });
          },
          refused: (refusal) => {
            pace.refused(refusal, ticket, table.name);
            ticket = pace.ticket;
          },
          counted: (what) => counts[what]++,
          encoded: (ms) => {
            encoded += ms;
            onTime("encode", ms / 1000);
          },
        };
      };
      const pending = destinations.map((destination) => {
        const pace = paces.of(destination);
        return { destination, pace, rows: rowBuilder(), size: sizeFor(pace), parts: 0 };
      });
      const running = new Set<Promise<void>>();
      let failure: { readonly error: unknown } | null = null;

      function check(): void {
        if (failure !== null) throw failure.error;
        if (signal?.aborted) throw stopped();
      }

      async function flush(to: (typeof pending)[number]): Promise<void> {
        const rows = to.rows.take();
        const part = to.parts++;
        const lease = await waitFor(pool.lease(to.destination));
        to.pace.leased(lease.waited, performance.now());
        to.size = sizeFor(to.pace);
        const task = deliver(lease, to, part, rows)
          .catch((error: unknown) => {
            failure ??= { error };
          })
          .finally(() => {
            to.rows.giveBack(rows);
            lease.release();
            running.delete(task);
          });
        running.add(task);
        check();
      }

      function deliver(lease: Lease, to: (typeof pending)[number], part: number, rows: RowBatch): Promise<void> {
        const by = context(to.pace);
        if (keys !== null) return deliverKeyed(lease, rows, by);
        if (to.destination === ROUTED) return deliverBlind(lease, rows, by);
        return deliverWithLedger(lease, { run: options.run, chunk, part }, rows, by);
      }

      try {
        for await (const batch of batches) {
          check();
          const before = performance.now() - waited;
          const shardOf = placer(batch, chunk);
          for (let row = 0; row < batch.rows; row++) {
            const shard = shardOf(row);
            for (const to of shard === null ? pending : [pending[shard] as (typeof pending)[number]]) {
              const bytes = (batch.offsets[row + 1] as number) - (batch.offsets[row] as number);
              if (to.rows.rows > 0 && to.rows.bytes + bytes > to.size.bytes) await flush(to);
              to.rows.add(batch, row);
              if (to.rows.rows >= to.size.rows || to.rows.bytes >= to.size.bytes) await flush(to);
            }
          }
          counts.rows += batch.rows;
          onTime("encode", Math.max(0, performance.now() - waited - before) / 1000);
        }
        for (const to of pending) if (to.rows.rows > 0) await flush(to);
      } finally {
        await waitFor(Promise.all(running));
      }
      if (failure !== null) throw (failure as { readonly error: unknown }).error;
      const { rows, statement: statements, retry: retries } = counts;
      return { rows, statements, retries };
    },
  };

  /** Parts of a chunk without a key are known by number: they must be cut the same way by every process. */
  function sizeFor({ pace }: PaceController): StatementSize {
    return keys === null ? size : pace;
  }

  /** Per row of a batch the index into `destinations`; null: all of them. */
  function placer(batch: RowBatch, chunk: string): (row: number) => number | null {
    if (plan.kind === "every") return () => null;
    if (plan.kind !== "vindex" || router === null) return () => 0;
    const shards = router(cellsOf(batch, plan.cell));
    return (row) => {
      const shard = shards[row] as number;
      if (shard < 0) throw homelessError(row, batch, chunk);
      return shard;
    };
  }

  function cellsOf(batch: RowBatch, cell: number): (Uint8Array | null)[] {
    const bounds = new Int32Array(table.columns.length * 2);
    return Array.from({ length: batch.rows }, (_, row) => {
      const start = batch.offsets[row] as number;
      findCells(batch.bytes, start, batch.offsets[row + 1] as number, table.columns.length, bounds);
      const from = bounds[cell * 2] as number;
      return from < 0 ? null : batch.bytes.subarray(from, bounds[cell * 2 + 1]);
    });
  }

  function homelessError(row: number, batch: RowBatch, chunk: string): VtpipeError {
    return new VtpipeError({
      code: "target",
      message: `A row of table ${table.name} has no shard: its sharding column holds NULL or a value that the vindex does not take: ${rowText(table, keys as KeyReader | null, batch, row)}.`,
      now: `Some rows of chunk ${chunk} may be on the target.`,
      todo: "Give the row a value with a transform, leave it out with a where, or choose another vindex.",
      context: { table: table.name, chunk },
    });
  }
}

function destinationsOf(plan: RoutingPlan, shards: number): Destination[] {
  switch (plan.kind) {
    case "one":
      return [0];
    case "routed":
      return [ROUTED];
    case "every":
    case "vindex":
      return Array.from({ length: shards }, (_, shard) => shard);
  }
}
