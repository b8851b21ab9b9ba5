import type { Skipped, TargetCombination, TargetResult } from "../../contracts/bench.ts";
import { statementSize } from "../../load/table-loader.ts";
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
const rate = (result: TargetResult): string => `${Math.round(speed(result)).toLocaleString("en-US")} rows/s`;
/** Above this share of busy time it is the sending threads that are full. */
const FULL = 0.85;

/** Which combination to take, and the config that loads like it. Pure. */
export function targetVerdict(results: readonly TargetResult[]): {
  readonly best: TargetResult | null;
  readonly config: { readonly load: { readonly strategy: string; readonly sessions: number } } | null;
  readonly sentence: string;
} {
  const best = cheapestOf(results, speed);
  if (best === null) return { best, config: null, sentence: "No row was loaded." };
  // How many rows go in a statement is vtpipe's own to decide, and where it can place rows itself it does.
  const usual = results.filter((one) => one.rowsPerStatement === statementSize.rows && one.routing === "targeted");
  const ours = cheapestOf(usual, speed);
  const { strategy, sessions } = ours ?? best;
  const full =
    best.threadsBusy > FULL ? " The sending threads were full: this machine, not the target, may be the limit." : "";
  const found = `The target takes ${rate(best)} with ${combinationText(best)}.${full}`;
  const load = `\`load: { strategy: ${strategy}, sessions: ${sessions} }\``;
  const advice =
    ours === null
      ? `${load} loads so.`
      : `A load sends ${statementSize.rows} rows a statement: ${load} gives ${ours === best ? "that" : rate(ours)}.`;
  return { best, config: { load: { strategy, sessions } }, sentence: `${found} ${advice}` };
}
