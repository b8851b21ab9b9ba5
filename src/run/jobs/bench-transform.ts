import type { Config } from "../../config/config.ts";
import type { ChainCost, Skipped, TransformBench } from "../../contracts/bench.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import { loadRegistry } from "../../transform/registry.ts";
import { chainsOver } from "../bench/dumped-chains.ts";
import { openFinishedDumpFiles } from "../bench/finished-dump.ts";
import { checkStopped } from "../bench/stopped.ts";
import { costOf, transformSentence } from "../bench/transform-verdict.ts";
import { newCounters } from "../counters.ts";
import type { JobContext } from "../job.ts";
import { newStepNotes } from "../step-notes.ts";
import { startWorkers } from "../worker-pool.ts";

export interface TransformBenchOptions {
  /** Run directory of a finished dump of untransformed rows. */
  readonly directory: string;
  /** Of each table, after the warm-up. */
  readonly seconds: number;
}

/** What the config's chains cost a worker, over the rows of a dump; no server is asked anything. */
export async function benchTransformJob(
  config: Config,
  { directory, seconds }: TransformBenchOptions,
  context: JobContext,
): Promise<TransformBench> {
  const dump = await openFinishedDumpFiles(directory);
  const steps = Object.values(config.tables.rules).flatMap((rule) => rule.transforms);
  const registry = await loadRegistry(steps, config.baseDirectory);
  const { chains, skipped } = chainsOver(config, dump, registry);
  if (chains.length === 0) throw nothingToMeasure(dump.directory.path, skipped);
  const tables = chains.map(({ manifest, source }) => ({ manifest, source, routing: null }));
  const setup = {
    worker: 0,
    counters: newCounters(),
    notes: newStepNotes(),
    stop: context.stop.memory,
    directory: dump.directory.path,
    baseDirectory: config.baseDirectory,
    source: null,
    target: null,
    tables,
  };
  const pool = startWorkers([setup], config.transformTimeoutSeconds);
  try {
    const measured: ChainCost[] = [];
    for (const [at, { manifest, source, chunks }] of chains.entries()) {
      checkStopped(context.stop, nothingChanged);
      const order = { table: manifest.source, fingerprint: manifest.fingerprint, chunks, seconds };
      const cost = costOf(manifest.source, source.steps.length, await pool.run(0, { kind: "bench-chain", order }));
      const speed = { rowsPerSecond: cost.rowsPerSecond.median, bytesPerSecond: cost.bytesPerSecond.median };
      context.emit({ type: "measured", what: manifest.source, number: at + 1, of: chains.length, ...speed });
      measured.push(cost);
    }
    return {
      type: "bench",
      command: "bench transform",
      rowsFrom: dump.directory.path,
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

const nothingChanged = "Chunk files were only read; nothing was changed.";

function nothingToMeasure(directory: string, skipped: readonly Skipped[]): VtpipeError {
  const why = skipped.map(({ what, why: reason }) => `${what}: ${reason}`);
  return new VtpipeError({
    code: "usage",
    message: [`No chain of the config can be run over the rows in ${directory}.`, ...why].join("\n  "),
    now: "Nothing was measured or changed.",
    todo: "Give a config with transforms for tables of that dump, and a dump made without transforms.",
    context: { directory },
  });
}
