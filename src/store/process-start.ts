import { readFile } from "node:fs/promises";
import { hostname } from "node:os";

/** A process on some host that cannot be mistaken for a later one with the same id. */
export interface ProcessMark {
  readonly pid: number;
  readonly host: string;
  /** Boot id and start time in clock ticks after boot (proc(5)); null where there is no /proc. */
  readonly started: string | null;
}

export async function markOfThisProcess(): Promise<ProcessMark> {
  return { pid: process.pid, host: hostname(), started: await startedAt(process.pid) };
}

/** Does that process still run? null: it was started on another host, so it cannot be told from here. */
export async function isRunning(mark: ProcessMark): Promise<boolean | null> {
  if (mark.host !== hostname()) return null;
  if (mark.started !== null) return (await startedAt(mark.pid)) === mark.started;
  try {
    process.kill(mark.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function startedAt(pid: number): Promise<string | null> {
  try {
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The program's name stands in brackets and may hold blanks and brackets, so fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const isRemains = fields[0] === "Z" || fields[0] === "X";
    return isRemains ? null : `${boot} ${fields[19]}`;
  } catch {
    return null;
  }
}
