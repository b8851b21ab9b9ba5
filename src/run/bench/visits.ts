/**
 * What a bench measures one after another. Each step is visited once a round, and every second round goes backwards, so
 * that what the machine does meanwhile, and what its caches hold, meets all steps alike. Pure.
 */

/** 1, 2, 4, … and `most` itself. */
export function connectionSteps(most: number): number[] {
  const steps: number[] = [];
  for (let connections = 1; connections < most; connections *= 2) steps.push(connections);
  return [...steps, most];
}

export function visitsOf<T>(steps: readonly T[], rounds: number): T[] {
  return Array.from({ length: rounds }, (_, round) => (round % 2 === 0 ? steps : steps.toReversed())).flat();
}

/** What is this close to the fastest is as good: repeated measurements differ by as much. */
const ABOUT = 0.95;

/** The first, in the order given, that is about as fast as any; null: none moved a row. */
export function cheapestOf<T>(steps: readonly T[], rowsPerSecond: (step: T) => number): T | null {
  const fastest = Math.max(0, ...steps.map(rowsPerSecond));
  return fastest === 0 ? null : (steps.find((step) => rowsPerSecond(step) >= fastest * ABOUT) ?? null);
}
