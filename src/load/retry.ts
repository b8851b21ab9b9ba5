import { setTimeout as sleep } from "node:timers/promises";

/** How long one statement may keep failing before the load gives up. */
export interface RetryLimits {
  readonly attempts: number;
  readonly seconds: number;
}

/** Long enough for a tablet to be restarted and found healthy again, which took vtgate up to a minute. */
export const retryLimits: RetryLimits = { attempts: 20, seconds: 180 };

/** The tries of one statement: counts, waits, and says when it is enough. */
export interface Retries {
  readonly failures: number;
  /** Waits before the next try, longer each time; false when the limits are reached. Rejects when the signal aborts. */
  pause(signal: AbortSignal | undefined): Promise<boolean>;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 15_000;

export function startRetries(limits: RetryLimits): Retries {
  const giveUpAt = Date.now() + limits.seconds * 1000;
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    async pause(signal) {
      failures++;
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
      // Jitter keeps the workers from coming back all at once.
      const wait = longest * (0.5 + Math.random() / 2);
      if (failures >= limits.attempts || Date.now() + wait > giveUpAt) return false;
      await sleep(wait, undefined, signal === undefined ? {} : { signal });
      return true;
    },
  };
}
