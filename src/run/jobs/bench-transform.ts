import type { Config } from "../../config/config.ts";
import type { ChainCost, Skipped, TransformBench } from "../../contracts/bench.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import { loadRegistry } from "../../transform/registry.ts";
import { chainOverShape, chainsOver } from "../bench/dumped-chains.ts";
import { openFinishedDumpFiles } from "../bench/finished-dump.ts";
import { checkStopped } from "../bench/stopped.ts";
import { costOf, transformSentence } from "../bench/transform-verdict.ts";
import { newCounters } from "../counters.ts";
import type { JobContext } from "../job.ts";
import { storeKeyOf } from "../store-key.ts";
import { workerMemory } from "../worker-memory.ts";
import { startWorkers } from "../worker-pool.ts";

export interface TransformBenchOptions {
  /** Run directory of a finished dump of untransformed rows; null: generated rows. */
  readonly directory: string | null;
  /** Of generated rows, and the name of the table whose chain they go through. */
  readonly shape: string;
  /** Of each table, after the warm-up. */
  readonly seconds: number;
}

/** What the config's chains cost a worker, over the rows of a dump or generated ones; no server is asked anything. */
export async function benchTransformJob(
  config: Config,
  { directory, shape, seconds }: TransformBenchOptions,
  context: JobContext,
): Promise<TransformBench> {
  const dump = directory === null ? null : await openFinishedDumpFiles(config, directory);
  const steps = Object.values(config.tables.rules).flatMap((rule) => rule.transforms);
  const registry = await loadRegistry(steps, config.baseDirectory);
  const { chains, skipped } =
    dump === null ? chainOverShape(config, shape, registry) : chainsOver(config, dump, registry);
  const rowsFrom = dump?.directory.path ?? `generated rows of shape ${shape}`;
  if (chains.length === 0) throw nothingToMeasure(rowsFrom, skipped);
  const tables = chains.map(({ manifest, source }) => ({ manifest, source, routing: null }));
  const setup = {
    worker: 0,
    counters: newCounters(),
    ...workerMemory(),
    stop: context.stop.memory,
    directory: dump?.directory.path ?? config.directory,
    key: storeKeyOf(config),
    baseDirectory: config.baseDirectory,
    source: null,
    target: null,
    tables,
  };
  const pool = startWorkers([setup], config.transformTimeoutSeconds);
  try {
    const measured: ChainCost[] = [];
    for (const [at, { manifest, source, rows }] of chains.entries()) {
      checkStopped(context.stop, nothingChanged);
      const order = { table: manifest.source, rows, seconds };
      const cost = costOf(manifest.source, source.steps.length, await pool.run(0, { kind: "bench-chain", order }));
      const speed = { rowsPerSecond: cost.rowsPerSecond.median, bytesPerSecond: cost.bytesPerSecond.median };
      context.emit({ type: "measured", what: manifest.source, number: at + 1, of: chains.length, ...speed });
      measured.push(cost);
    }
    return {
      type: "bench",
      command: "bench transform",
      rowsFrom,
      secondsPerTable: seconds,
      chains: measured,
      skipped,
      sentence: transformSentence(measured),
    };
  } catch (error) {
    checkStopped(context.stop, nothingChanged);
    throw error;
  } finally {
    await pool.destroy();
  }
}

const nothingChanged = "Nothing was changed: no server was asked, and chunk files were only read.";

function nothingToMeasure(rowsFrom: string, skipped: readonly Skipped[]): VtpipeError {
  const why = skipped.map(({ what, why: reason }) => `${what}: ${reason}`);
  return new VtpipeError({
    code: "usage",
    message: [`No chain of the config can be run over these rows: ${rowsFrom}.`, ...why].join("\n  "),
    now: "Nothing was measured or changed.",
    todo: "Give the directory of a dump made without transforms, and a config with transforms for its tables; or, for generated rows, one with transforms for a table called as their shape.",
  });
}
