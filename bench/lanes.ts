import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** From when to when something was at work, in seconds on one clock. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * When each chunk file of a run directory was written: from its first bytes, which come with its first rows, to its last.
 * null where the file system does not tell when a file was made.
 */
export async function chunkStretches(directory: string): Promise<readonly Stretch[] | null> {
  const names = await readdir(directory, { recursive: true });
  const stretches: Stretch[] = [];
  for (const name of names.filter((one) => one.endsWith(".zst"))) {
    const { birthtimeMs, mtimeMs } = await stat(join(directory, name));
    // Where it is not known Node gives 0, or the time of the last change.
    if (birthtimeMs === 0 || birthtimeMs > mtimeMs) return null;
    stretches.push({ from: birthtimeMs / 1000, to: mtimeMs / 1000 });
  }
  return stretches;
}

/** How the last moments of some workers' work were shared. */
export interface LaneShares {
  /** Of the time from the first stretch to the end, the part after the last moment in which all workers were at work; 0 to 1. */
  readonly tail: number;
  /** Of all workers' time in it, how much they were at work; 0 to 1. */
  readonly busy: number;
}

/** null without stretches. A worker that is between two chunks is not at work, so short pauses before the end do not count as one. */
export function laneShares(stretches: readonly Stretch[], workers: number): LaneShares | null {
  if (stretches.length === 0) return null;
  const start = Math.min(...stretches.map(({ from }) => from));
  const end = Math.max(...stretches.map(({ to }) => to));
  const whole = end - start;
  if (whole <= 0) return null;
  const busy = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  return { tail: (end - lastFull(stretches, workers, start)) / whole, busy: busy / (workers * whole) };
}

/** The last moment in which `workers` stretches were under way at once; `start` when there was none. */
function lastFull(stretches: readonly Stretch[], workers: number, start: number): number {
  const ends = stretches.map(({ to }) => to).sort((a, b) => b - a);
  const under = (moment: number): number => stretches.filter(({ from, to }) => from < moment && to >= moment).length;
  return ends.find((moment) => under(moment) >= workers) ?? start;
}

/** How many were at work over time, for a picture: points of seconds since the start and workers. */
export function lanePoints(stretches: readonly Stretch[]): readonly (readonly [number, number])[] {
  const start = Math.min(...stretches.map(({ from }) => from));
  const changes = stretches.flatMap(({ from, to }) => [
    [from, 1],
    [to, -1],
  ]) as [number, number][];
  changes.sort((a, b) => a[0] - b[0]);
  let working = 0;
  return changes.map(([moment, change]) => {
    working += change;
    return [moment - start, working] as const;
  });
}
