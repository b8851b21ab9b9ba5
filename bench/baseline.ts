import { readFile, writeFile } from "node:fs/promises";
import type { Ratio } from "./judge.ts";

/** Ratios of an earlier run, kept beside the bench. Only ratios: they mean the same on another machine, figures do not. */
export interface Baseline {
  /** When, on what, and how much; for people. */
  readonly measured: string;
  readonly ratios: Readonly<Record<string, Ratio>>;
}

/** Rounds are few, and the clock of a machine changes: less than this is no change, whatever the rounds' own spread was. */
const LEAST_TOLERANCE = 0.1;
/** With fewer there is no spread to speak of. */
export const LEAST_ROUNDS = 3;

/** Ratios worse than the baseline beyond its spread, each told in a sentence. A ratio only one side has is no reason to fail. */
export function regressions(baseline: Baseline, ratios: Readonly<Record<string, Ratio | null>>): string[] {
  return Object.entries(baseline.ratios).flatMap(([key, before]) => {
    const now = ratios[key];
    if (now === null || now === undefined) return [];
    const limit = limitOf(before);
    const worse = before.better === "lower" ? now.median > limit : now.median < limit;
    const at = before.better === "lower" ? "at most" : "at least";
    return worse
      ? [`${key}: ${now.median} now; ${before.median} in the baseline, of which ${at} ${limit} is left`]
      : [];
  });
}

/** How far a ratio may go before it is worse. */
export function limitOf({ better, median, min, max }: Ratio): number {
  const limit =
    better === "lower" ? Math.max(max, median * (1 + LEAST_TOLERANCE)) : Math.min(min, median * (1 - LEAST_TOLERANCE));
  return Number(limit.toFixed(3));
}

/** Throws when there is none. */
export async function readBaseline(path: string): Promise<Baseline> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new Error(
      `there is no baseline at ${path}: make one with --save-baseline and at least ${LEAST_ROUNDS} rounds`,
    );
  });
  return JSON.parse(text) as Baseline;
}

/** Puts what was measured into the baseline; ratios that were not measured stay as they are there. */
export async function saveBaseline(
  path: string,
  measured: string,
  ratios: Readonly<Record<string, Ratio | null>>,
): Promise<void> {
  const before = await readBaseline(path).catch(() => null);
  const found = Object.entries(ratios).filter((entry): entry is [string, Ratio] => entry[1] !== null);
  const merged: Baseline = { measured, ratios: { ...before?.ratios, ...Object.fromEntries(found) } };
  await writeFile(path, `${JSON.stringify(merged, null, 2)}\n`);
}
