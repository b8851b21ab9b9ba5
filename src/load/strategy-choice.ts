import type { Strategy, StrategyName } from "./strategy.ts";

export interface StrategyDecision {
  readonly strategy: StrategyName;
  readonly why: string;
}

/**
 * Finds the faster strategy on the real rows, the first one when they hardly differ: full statements go out by turns, each row once, until every strategy has
 * been timed often enough. A strategy the target does not take is dropped at once.
 */
export interface StrategyChoice {
  /** For a statement of so many row bytes. */
  next(bytes: number): Strategy;
  /** A different strategy that is still possible; null when there is none. */
  otherThan(strategy: Strategy): Strategy | null;
  timed(strategy: Strategy, milliseconds: number, bytes: number): void;
  refuse(strategy: Strategy, why: string): void;
  /** null while the probe goes on. */
  decision(): StrategyDecision | null;
}

/** Timings per strategy that count; the first of each is left out, it pays for parsing and warming up. */
const TIMINGS = 4;
/** So many are enough when every other strategy takes so many times as long: each further one would cost what it takes longer. */
const SURE_TIMINGS = 2;
const BEYOND_DOUBT = 1.5;
/**
 * The first strategy is left only for one that is so many times as fast. A few timings on a busy machine are off by more than
 * the difference often is, and the first one costs vtgate and the tablets a third: taken for `values` by mistake, a load of
 * 1 M rows took 1.3 times as long.
 */
const CLEARLY_FASTER = 1.25;
/** Statements of fewer row bytes say more about round trips than about strategies. */
const PROBE_BYTES = 64 * 1024;

interface Contender {
  readonly strategy: Strategy;
  sent: number;
  timings: number[];
}

export function chooseStrategy(
  strategies: readonly Strategy[],
  onDecision: (decision: StrategyDecision) => void = () => {},
): StrategyChoice {
  let contenders: Contender[] = strategies.map((strategy) => ({ strategy, sent: 0, timings: [] }));
  let decided: StrategyDecision | null = null;
  const first = strategies[0];
  if (strategies.length === 1 && first !== undefined) decide(first, "the only one there is");

  function decide(strategy: Strategy, why: string): void {
    contenders = contenders.filter((contender) => contender.strategy === strategy);
    decided = { strategy: strategy.name, why };
    onDecision(decided);
  }

  function isEnough(): boolean {
    const [first, ...others] = contenders;
    const all = (count: number): boolean => contenders.every(({ timings }) => timings.length > count);
    if (first === undefined || !all(SURE_TIMINGS)) return false;
    return all(TIMINGS) || others.every((other) => cost(other) >= cost(first) * BEYOND_DOUBT);
  }

  const cost = ({ timings }: Contender): number => Math.min(...timings.slice(1));

  return {
    next(bytes) {
      // What is too small to judge by is not worth preparing a statement for.
      const plain = bytes < PROBE_BYTES ? contenders.find(({ strategy }) => !strategy.prepares) : undefined;
      if (plain !== undefined) return plain.strategy;
      const next = contenders.reduce((least, contender) => (contender.sent < least.sent ? contender : least));
      next.sent++;
      return next.strategy;
    },
    otherThan(strategy) {
      return contenders.find((contender) => contender.strategy !== strategy)?.strategy ?? null;
    },
    timed(strategy, milliseconds, bytes) {
      if (decided !== null || bytes < PROBE_BYTES) return;
      const contender = contenders.find((candidate) => candidate.strategy === strategy);
      contender?.timings.push((milliseconds / bytes) * 1e6);
      if (!isEnough()) return;
      const [fastest] = contenders.toSorted((a, b) => cost(a) - cost(b));
      const [first] = contenders;
      if (fastest === undefined || first === undefined) return;
      const taken = cost(first) < cost(fastest) * CLEARLY_FASTER ? first : fastest;
      const rivals = contenders
        .filter((contender) => contender !== taken)
        .map((other) => `${other.strategy.name} took ${(cost(other) / cost(taken)).toFixed(2)} times`);
      const why = taken === fastest ? "fastest" : "hardly slower than the fastest";
      decide(taken.strategy, `${why} on the first rows (${rivals.join(", ")} as long)`);
    },
    refuse(strategy, why) {
      const left = contenders.filter((contender) => contender.strategy !== strategy);
      const [rest] = left;
      if (rest === undefined || left.length === contenders.length) return;
      contenders = left;
      if (left.length === 1) decide(rest.strategy, why);
    },
    decision: () => decided,
  };
}
