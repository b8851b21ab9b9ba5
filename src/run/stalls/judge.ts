import type { InHand } from "./in-hand.ts";

/** One look at a chunk in hand. */
export interface StallLook {
  readonly chunk: InHand;
  /** A text that is another one whenever the worker has done anything for the chunk. */
  readonly sign: string;
  /** Does it wait for what has a limit of its own, or is meant to wait? Then its silence says nothing. */
  readonly excused: boolean;
}

export interface Stall {
  readonly chunk: InHand;
  /** For how long, in looks. */
  readonly looks: number;
  /** To be told of, or the end of the run. */
  readonly what: "warn" | "end";
}

/** Looks within a time limit. They are counted, so that a machine that slept does not count as time. */
export const looksInLimit = 20;
/** After this many the stall is told of. */
export const looksToWarn = 2;

/** Finds the chunks that nothing happens for. Pure: it has no clock. Tells of each silence once, and once of its end. */
export function newStallJudge(): (looks: readonly StallLook[]) => readonly Stall[] {
  let before = new Map<InHand, { readonly sign: string; readonly looks: number }>();
  return (all) => {
    const now = new Map<InHand, { readonly sign: string; readonly looks: number }>();
    const stalls: Stall[] = [];
    for (const { chunk, sign, excused } of all) {
      const last = before.get(chunk);
      const looks = last === undefined || excused || last.sign !== sign ? 0 : last.looks + 1;
      now.set(chunk, { sign, looks });
      if (looks === looksToWarn) stalls.push({ chunk, looks, what: "warn" });
      if (looks === looksInLimit) stalls.push({ chunk, looks, what: "end" });
    }
    before = now;
    return stalls;
  };
}
