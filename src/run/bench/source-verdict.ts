import type { SourceStep } from "../../contracts/bench.ts";
import { formatCount } from "../../contracts/format-count.ts";
import { cheapestOf } from "./visits.ts";

/** Above this share of busy time it is the reading threads that are full. */
const FULL = 0.85;

/** Which step to take, and what it says. Pure. `most` is the largest number of connections that was tried. */
export function sourceVerdict(
  steps: readonly SourceStep[],
  cores: number,
): { readonly best: number | null; readonly sentence: string } {
  const best = cheapestOf(steps, ({ rowsPerSecond }) => rowsPerSecond.median);
  if (best === null)
    return { best: null, sentence: "No row was read: the tables are empty, or --seconds is too short." };
  const { connections, threadsBusy } = best;
  const most = Math.max(...steps.map((step) => step.connections));
  const rate = formatCount(best.rowsPerSecond.median);
  const size = (best.bytesPerSecond.median / 1e6).toFixed(1);
  const gives = `The source gives ${rate} rows/s (${size} MB/s) at ${connections} ${connections === 1 ? "connection" : "connections"}`;
  const after =
    threadsBusy > FULL
      ? `reading threads ran code for ${Math.round(threadsBusy * 100)} % of the time, so this machine (${cores} cores) may be the limit rather than the source`
      : connections === most
        ? `the most that were tried, so more may give more (--connections)`
        : `more bring less than 5 % more, so more than ${connections} workers, a connection each, read no faster`;
  return { best: connections, sentence: `${gives}; ${after}.` };
}
