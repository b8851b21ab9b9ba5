import type { Budget, BudgetStage } from "../contracts/bench.ts";
import { type Stage, type StageSeconds, stageNames, stages, waits } from "../contracts/stages.ts";
import { adviceFor } from "./advice.ts";

/** What was measured of one run, or of a part of it. */
export interface BudgetFacts {
  readonly rows: number;
  /** Wall time. */
  readonly seconds: number;
  readonly workers: number;
  /** Summed over workers. */
  readonly stages: StageSeconds;
  /** Seconds the workers' threads ran code, and seconds they were there, summed over workers. */
  readonly threadsBusySeconds: number;
  readonly threadsSeconds: number;
  /** Rows a second each stage gave alone, with as many workers. */
  readonly ceilings: Partial<Readonly<Record<Stage, number>>>;
  /** Of the machine the workers ran on; without it advice on more workers is conditional. */
  readonly cores?: number;
}

/** Above this the threads themselves are full, and what looks like waiting is waiting for them. */
const FULL = 0.85;
/** A wait below this share is none that is worth shortening. */
const FELT = 0.1;
/** Below this, all stages together, workers had nothing to do for most of the time. */
const SCARCE = 0.5;

/** Where the time went, which stage limits, and what would move it. Shares are of workers × seconds. */
export function budgetOf(facts: BudgetFacts): Budget {
  const { rows, seconds, workers, ceilings } = facts;
  const rowsPerSecond = seconds > 0 ? rows / seconds : 0;
  const all = workers * seconds;
  const measured = stages.map((stage): BudgetStage => {
    const spent = facts.stages[stage];
    const kind = waits.has(stage) ? "waiting" : "busy";
    // A busy stage's own seconds say what it could do if the threads did nothing else. A wait's do not: it may hide work of the other lane.
    const own = kind === "busy" && spent > 0 ? (rows * workers) / spent : null;
    return { stage, share: all > 0 ? spent / all : 0, kind, ceiling: ceilings[stage] ?? own };
  });
  const threadsBusy = facts.threadsSeconds > 0 ? Math.min(1, facts.threadsBusySeconds / facts.threadsSeconds) : 0;
  const limit = limitOf(measured, threadsBusy);
  const common = { rowsPerSecond, stages: measured, threadsBusy, limit: limit.stage };
  return { ...common, sentence: sentenceOf(facts, common, limit) };
}

function limitOf(measured: readonly BudgetStage[], threadsBusy: number): BudgetStage {
  const largest = (kind: BudgetStage["kind"]): BudgetStage =>
    measured.filter((one) => one.kind === kind).reduce((most, one) => (one.share > most.share ? one : most));
  const [work, wait] = [largest("busy"), largest("waiting")];
  if (work.share === 0) return wait;
  return threadsBusy > FULL || wait.share < Math.min(FELT, work.share) ? work : wait;
}

function sentenceOf(facts: BudgetFacts, found: Omit<Budget, "sentence">, limit: BudgetStage): string {
  const together = found.stages.reduce((sum, { share }) => sum + share, 0);
  if (together === 0) return "no time of any stage was measured, so no limit can be named";
  if (together < SCARCE && found.threadsBusy <= FULL) {
    return `the limit here is work to hand out: workers had none for ${percent(1 - together)} of their time; smaller chunks (\`chunkBytes\`) or more rows would move it`;
  }
  const spent =
    limit.kind === "waiting"
      ? `waited for ${percent(limit.share)} of the workers' time`
      : `${percent(limit.share)} of the workers' time, their threads busy for ${percent(found.threadsBusy)}`;
  const advice = adviceFor(limit.stage, {
    rowsPerSecond: found.rowsPerSecond,
    ceiling: facts.ceilings[limit.stage] ?? null,
    workers: facts.workers,
    cores: facts.cores ?? null,
  });
  return `the limit here is ${stageNames[limit.stage]}, ${spent}; ${advice} would move it`;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
