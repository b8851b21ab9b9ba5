import type { Skipped, TargetBench, TargetCombination, TargetResult } from "../../contracts/bench.ts";
import { formatCount } from "../../contracts/format-count.ts";
import { cheapestOf } from "./visits.ts";

/** What `bench target` goes through. */
export interface Sweep {
  readonly strategies: readonly TargetCombination["strategy"][];
  readonly rowsPerStatement: readonly number[];
  readonly sessions: readonly number[];
}

/** Every combination, fewest sessions and smallest statements first. `notRouted`: why vtgate cannot place the rows; null: it can. Pure. */
export function combinationsOf(
  { strategies, rowsPerStatement, sessions }: Sweep,
  notRouted: string | null,
): { readonly measured: readonly TargetCombination[]; readonly skipped: readonly Skipped[] } {
  const ascending = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);
  const routings: TargetCombination["routing"][] = notRouted === null ? ["targeted", "routed"] : ["targeted"];
  const measured = routings.flatMap((routing) =>
    ascending(sessions).flatMap((count) =>
      ascending(rowsPerStatement).flatMap((rows) =>
        strategies.map((strategy) => ({ strategy, routing, rowsPerStatement: rows, sessions: count })),
      ),
    ),
  );
  return { measured, skipped: notRouted === null ? [] : [{ what: "routed statements", why: notRouted }] };
}

/** "json-table, targeted, 1000 rows a statement, 2 sessions" */
export function combinationText({ strategy, routing, rowsPerStatement, sessions }: TargetCombination): string {
  const each = routing === "targeted" ? " to each shard" : "";
  return `${strategy}, ${routing}, ${rowsPerStatement} rows a statement, ${sessions} ${sessions === 1 ? "session" : "sessions"}${each}`;
}

const speed = ({ rowsPerSecond }: TargetResult): number => rowsPerSecond;
const rate = (result: TargetResult): string => `${formatCount(speed(result))} rows/s`;
/** Above this share of busy time it is the sending threads that are full. */
const FULL = 0.85;

/** Which combination to take, and the config that keeps a load to it. Pure. */
export function targetVerdict(results: readonly TargetResult[]): Pick<TargetBench, "best" | "config" | "sentence"> {
  const best = cheapestOf(results, speed);
  if (best === null) return { best, config: null, sentence: "No row was loaded." };
  // Where vtpipe can place rows itself it does, so a load never is like a routed one.
  const {
    strategy,
    sessions,
    rowsPerStatement: rows,
  } = cheapestOf(
    results.filter(({ routing }) => routing === "targeted"),
    speed,
  ) ?? best;
  const load = { strategy, sessions, statementRows: { min: rows, max: rows } };
  const full =
    best.threadsBusy > FULL ? " The sending threads were full: this machine, not the target, may be the limit." : "";
  const text = `\`load: { strategy: ${strategy}, sessions: ${sessions}, statementRows: { min: ${rows}, max: ${rows} } }\``;
  return {
    best,
    config: { load },
    sentence: `The target takes ${rate(best)} with ${combinationText(best)}.${full} ${text} keeps a load ${best.routing === "targeted" ? "to that" : "to the best of the targeted ones"}; left to itself a load finds statement size and sessions, ten to each shard at most, as it goes.`,
  };
}
