import type { Config } from "../../config/config.ts";
import type { TargetBench, TargetCombination, TargetResult } from "../../contracts/bench.ts";
import { asVtpipeError } from "../../contracts/errors.ts";
import type { Finding } from "../../contracts/finding.ts";
import { fixedBounds, statementSize } from "../../load/pace-bounds.ts";
import { planRouting, type RoutingPlan } from "../../load/routing.ts";
import { readStatementLimit } from "../../load/row-limit.ts";
import { checkServer } from "../../load/target-checks.ts";
import { openLoadSession } from "../../vitess/shard-session.ts";
import { readVschema, type VschemaTable } from "../../vitess/vschema.ts";
import { combinationsOf, combinationText, type Sweep, targetVerdict } from "../bench/combinations.ts";
import { openFinishedDumpFiles } from "../bench/finished-dump.ts";
import { dumpedScratch, generatedScratch, type ScratchRows, scratchRouting } from "../bench/scratch-rows.ts";
import { newScratchName, type ScratchTable, withScratchTable } from "../bench/scratch-table.ts";
import { checkStopped } from "../bench/stopped.ts";
import type { SentRows } from "../bench/target-task.ts";
import { newCounters } from "../counters.ts";
import { reportFindings } from "../findings.ts";
import type { JobContext } from "../job.ts";
import { storeKeyOf } from "../store-key.ts";
import { openTargetSide, type TargetSide } from "../target-side.ts";
import { workerMemory } from "../worker-memory.ts";
import { startWorkers, type WorkerPool } from "../worker-pool.ts";

export interface TargetBenchOptions extends Sweep {
  /** Run directory of a finished dump; null: generated rows. */
  readonly from: string | null;
  /** Of generated rows. */
  readonly shape: string;
  /** The table of `from`, by the name at the source; null: the most typical one. */
  readonly table: string | null;
  /** Name of the scratch table; null: one of its own. */
  readonly scratch: string | null;
  /** Of each combination. */
  readonly seconds: number;
}

/** Row bytes that are kept in memory, of all workers and of one. */
const mostBytes = 256 << 20;
const mostBytesEach = 64 << 20;
/** A rest of time that is not worth emptying the table for. */
const restSeconds = 0.1;

const dropped = "The scratch table was dropped again; no other table was touched.";

/** What the target takes, by strategy, statement size and sessions, through the loader of a run into a table made for it. */
export async function benchTargetJob(
  config: Config,
  options: TargetBenchOptions,
  context: JobContext,
): Promise<TargetBench> {
  await using target = await openTargetSide(config, [], context.emit);
  const statementLimit = await checkShards(target, context);
  const name = options.scratch ?? newScratchName();
  const dump = options.from === null ? null : await openFinishedDumpFiles(config, options.from);
  const rows = dump === null ? generatedScratch(name, options.shape) : dumpedScratch(name, dump, options.table);
  const { topology } = target;
  const targeted = scratchRouting(rows, rows.like === null ? null : await lookUp(target, rows.like), topology);
  const own = await lookUp(target, name);
  const routed: RoutingPlan | null = own === null ? null : { kind: "routed", why: "to be measured" };
  // Refuses a vschema that wants a column which these rows lack.
  if (own !== null) planRouting(own, rows.table.columns, topology);
  const { measured, skipped } = combinationsOf(options, routed === null ? notInVschema(name, target) : null);
  const setups = Array.from({ length: Math.min(config.workers, Math.max(...options.sessions)) }, (_, worker) => ({
    worker,
    counters: newCounters(),
    ...workerMemory(),
    stop: context.stop.memory,
    directory: dump?.directory.path ?? config.directory,
    key: storeKeyOf(config),
    baseDirectory: config.baseDirectory,
    source: null,
    target: { address: target.address, topology, run: name, pace: fixedBounds(statementSize), statementLimit },
    tables: [],
  }));
  const pool = startWorkers(setups, config.transformTimeoutSeconds);
  try {
    await keepRows(pool, rows);
    const results = await withScratchTable(target, name, rows.sql, context, async (table) => {
      const found: TargetResult[] = [];
      for (const [at, combination] of measured.entries()) {
        const plan = combination.routing === "routed" && routed !== null ? routed : targeted;
        const result = await measure(pool, { combination, plan, rows, table, seconds: options.seconds }, context);
        const { rowsPerSecond, bytesPerSecond } = result;
        const what = combinationText(combination);
        context.emit({ type: "measured", what, number: at + 1, of: measured.length, rowsPerSecond, bytesPerSecond });
        found.push(result);
      }
      return found;
    }).catch((error: unknown) => {
      checkStopped(context.stop, dropped);
      throw error;
    });
    const { kind, version, keyspace, shards } = topology;
    const server = kind === "vitess" ? `Vitess ${version ?? "of an unknown version"}` : "stand-in router, not Vitess";
    return {
      type: "bench",
      command: "bench target",
      target: `${server}, keyspace ${keyspace}, ${shards.length} ${shards.length === 1 ? "shard" : "shards"}`,
      rowsFrom: rows.what,
      scratchTable: name,
      secondsPerCombination: options.seconds,
      results,
      skipped,
      ...targetVerdict(results),
    };
  } finally {
    await pool.destroy();
  }
}

/** The largest statement that all shards take; refuses shards that take no rows. */
async function checkShards({ address, topology }: TargetSide, { emit }: JobContext): Promise<number> {
  const findings: Finding[] = [];
  let limit = Number.POSITIVE_INFINITY;
  for (const { name: shard } of topology.shards) {
    await using session = await openLoadSession(address, { keyspace: topology.keyspace, shard }, {});
    findings.push(...(await checkServer(session, `shard ${topology.keyspace}/${shard}`)));
    limit = Math.min(limit, await readStatementLimit(session, true));
  }
  reportFindings(findings, emit);
  return limit;
}

/** What the vschema says of a table; null when it does not have it. */
async function lookUp({ control, topology }: TargetSide, table: string): Promise<VschemaTable | null> {
  if (!topology.sharded) return { name: table, primaryVindex: null, ownedLookups: [] };
  try {
    return (await readVschema(control, topology.keyspace, [table]))[0] ?? null;
  } catch (error) {
    if (asVtpipeError(error).code === "preflight") return null;
    throw error;
  }
}

function notInVschema(name: string, { topology: { keyspace } }: TargetSide): string {
  return `vtgate places rows by the vschema, and table ${name} is not in that of ${keyspace}. Add a table there that does not exist on the shards, by vtctldclient ApplyVSchema, and name it by --scratch.`;
}

async function keepRows(pool: WorkerPool, { from }: ScratchRows): Promise<void> {
  const most = Math.min(mostBytesEach, Math.floor(mostBytes / pool.size));
  await Promise.all(
    Array.from({ length: pool.size }, (_, share) => {
      const order = { from, share, shares: pool.size, mostBytes: most };
      return pool.run(share, { kind: "bench-keep", order });
    }),
  );
}

interface Measurement {
  readonly combination: TargetCombination;
  readonly plan: RoutingPlan;
  readonly rows: ScratchRows;
  readonly table: ScratchTable;
  readonly seconds: number;
}

/** Loads the rows again and again, into the emptied table each time, until the seconds are used up. */
async function measure(pool: WorkerPool, one: Measurement, { stop }: JobContext): Promise<TargetResult> {
  const { combination, plan, rows, table } = one;
  const sum = { rows: 0, bytes: 0, seconds: 0, statements: 0, retries: 0, busy: 0 };
  // Of each session one statement is under way, so workers without one would send nothing.
  const senders = Math.min(pool.size, combination.sessions);
  for (let left = one.seconds; sum.rows === 0 || left > restSeconds; left = one.seconds - sum.seconds) {
    checkStopped(stop, dropped);
    await table.empty();
    const before = pool.threadSeconds().busy;
    const parts: SentRows[] = await Promise.all(
      Array.from({ length: senders }, (_, worker) => {
        // Sessions that cannot be shared out evenly go to the first workers.
        const sessions = Math.floor((combination.sessions + senders - 1 - worker) / senders);
        const { strategy, rowsPerStatement } = combination;
        const order = { table: rows.table, plan, strategy, rowsPerStatement, sessions, seconds: left };
        return pool.run(worker, { kind: "bench-send", order });
      }),
    );
    const longest = Math.max(...parts.map(({ seconds }) => seconds));
    for (const part of parts) {
      sum.rows += part.rows;
      sum.bytes += part.bytes;
      sum.statements += part.statements;
      sum.retries += part.retries;
    }
    sum.seconds += longest;
    sum.busy += pool.threadSeconds().busy - before;
    if (sum.rows === 0) break;
  }
  const { busy, ...sums } = sum;
  return {
    ...combination,
    ...sums,
    rowsPerSecond: sum.seconds > 0 ? sum.rows / sum.seconds : 0,
    bytesPerSecond: sum.seconds > 0 ? sum.bytes / sum.seconds : 0,
    threadsBusy: sum.seconds > 0 ? Math.min(1, busy / (sum.seconds * senders)) : 0,
  };
}
