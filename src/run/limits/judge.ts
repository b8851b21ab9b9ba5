import type { ThrottleReason, Way } from "../../contracts/limits.ts";

/** What one look at a server says about one limit. */
export interface Verdict {
  readonly reason: ThrottleReason;
  readonly way: Way;
  /** Is it above its limit? null: it could not be seen. */
  readonly over: boolean | null;
  readonly observed: number | null;
  readonly limit: number | null;
  /** In words: "the source has 43 threads running, limit 25". */
  readonly text: string;
}

/** A way is closed for a reason, or no longer closed for it. */
export interface ThrottleChange {
  readonly verdict: Verdict;
  readonly paused: boolean;
}

/** Looks within the limit, one after the other, before rows go on: a load that swings around its limit is not followed. */
const calmLooks = 3;
/** Looks without an answer after which a limit holds nobody any more: a pause must not outlast what it is for. */
const blindLooks = 10;

/**
 * Decides when rows wait and when they go on, reason by reason. Pauses at the first look above a limit. Pure: it has no clock and
 * asks nobody.
 */
export interface ThrottleJudge {
  /** One look at everything that has a limit now; a limit that is not among it was lifted. */
  judge(verdicts: readonly Verdict[]): readonly ThrottleChange[];
  /** Why rows wait now. */
  holding(): readonly Verdict[];
}

interface Held {
  verdict: Verdict;
  calm: number;
  blind: number;
}

export function newThrottleJudge(): ThrottleJudge {
  const held = new Map<string, Held>();
  const nameOf = ({ reason, way }: Verdict): string => `${reason} ${way}`;

  function step(verdict: Verdict): ThrottleChange | null {
    const name = nameOf(verdict);
    const known = held.get(name);
    if (verdict.over === true) {
      held.set(name, { verdict, calm: 0, blind: 0 });
      return known === undefined ? { verdict, paused: true } : null;
    }
    if (known === undefined) return null;
    if (verdict.over === null) known.blind++;
    else known.calm++;
    if (verdict.over === false) known.blind = 0;
    else known.calm = 0;
    if (known.calm < calmLooks && known.blind < blindLooks) return null;
    held.delete(name);
    return { verdict, paused: false };
  }

  return {
    judge(verdicts) {
      const changes = verdicts.map(step).filter((change) => change !== null);
      const judged = new Set(verdicts.map(nameOf));
      for (const [name, { verdict }] of held) {
        if (judged.has(name)) continue;
        held.delete(name);
        changes.push({ verdict, paused: false });
      }
      return changes;
    },
    holding: () => [...held.values()].map(({ verdict }) => verdict),
  };
}
