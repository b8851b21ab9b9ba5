import { setTimeout as sleep } from "node:timers/promises";
import type { HandoffStatus } from "../../contracts/handoff-status.ts";
import type { JobContext } from "../job.ts";
import type { BegunHandoff } from "./begun.ts";
import { watchHandoff } from "./watching.ts";

/** A source's first transaction after an idle hour looks an hour old until the streams were seen to have it. */
const looksAtMost = 3;
const pauseMs = 1000;

/** How far the streams are, by the transactions they have still to see. Looks again, a little, while one seems late. */
export async function statusNow({ side, state, plan }: BegunHandoff, context: JobContext): Promise<HandoffStatus> {
  const watch = watchHandoff(side, async () => state.journal);
  for (let looks = 1; ; looks++) {
    context.stop.check();
    const status = await watch.look();
    if (looks === looksAtMost || longestLag(status) <= plan.maxLagSeconds) return status;
    await sleep(pauseMs, undefined, { signal: context.stop.signal }).catch(() => {});
  }
}

function longestLag({ workflows }: HandoffStatus): number {
  return Math.max(0, ...workflows.flatMap(({ streams }) => streams.map(({ secondsBehind }) => secondsBehind ?? 0)));
}
