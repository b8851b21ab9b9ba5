import { readdirSync, readFileSync } from "node:fs";

/** What a running process uses, or the most of it that was seen. */
export interface ProcessUsage {
  readonly rssMiB: number;
  readonly descriptors: number;
  readonly threads: number;
}

export const noUsage: ProcessUsage = { rssMiB: 0, descriptors: 0, threads: 0 };

/** What the process uses now; null: it has ended. Linux only: it reads /proc. */
export function usageOf(pid: number): ProcessUsage | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const number = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]);
    // A process that has ended but was not waited for has no memory any more.
    const rss = number("VmRSS");
    if (Number.isNaN(rss)) return null;
    return { rssMiB: rss / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length, threads: number("Threads") };
  } catch {
    return null;
  }
}

/** The larger of each. */
export function mostOf(a: ProcessUsage, b: ProcessUsage): ProcessUsage {
  return {
    rssMiB: Math.max(a.rssMiB, b.rssMiB),
    descriptors: Math.max(a.descriptors, b.descriptors),
    threads: Math.max(a.threads, b.threads),
  };
}
