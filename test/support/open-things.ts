import { readdirSync, readlinkSync } from "node:fs";
import type { Worker } from "node:worker_threads";

let workers = 0;
process.on("worker", (worker: Worker) => {
  workers++;
  worker.once("exit", () => {
    workers--;
  });
});

/**
 * What this process holds open, counted by kind: sockets, pipes, files by their paths, worker threads that were started since
 * this module was loaded, child processes. Linux only: it reads /proc.
 */
export function openThings(): Map<string, number> {
  const things = new Map<string, number>();
  const add = (kind: string, count = 1): void => {
    if (count > 0) things.set(kind, (things.get(kind) ?? 0) + count);
  };
  for (const fd of readdirSync("/proc/self/fd")) {
    const kind = kindOf(fd);
    if (kind !== null) add(kind);
  }
  add("worker thread", workers);
  add("child process", process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length);
  return things;
}

/** null: it was closed since the folder was listed, as the descriptor of that listing always is. */
function kindOf(fd: string): string | null {
  try {
    // socket:[4711], pipe:[4711], anon_inode:[eventpoll], /a/path
    return readlinkSync(`/proc/self/fd/${fd}`).replace(/:\[\d+\]$/, "");
  } catch {
    return null;
  }
}

/** What there is more of now than there was. */
export function moreThan(
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
): Record<string, number> {
  const more = [...now].map(([kind, count]): [string, number] => [kind, count - (before.get(kind) ?? 0)]);
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}
