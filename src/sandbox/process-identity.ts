import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * A process that cannot be mistaken for another one: ids are used again, an id together with the process's start
 * time is not.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot on Linux (field 22 of /proc/<pid>/stat, proc(5)), elsewhere what `ps -o lstart=` prints. */
  readonly started: string;
}

const run = promisify(execFile);

/** The process that has this id now; null when there is none, or only its remains wait to be reaped. */
export async function identityOf(pid: number): Promise<ProcessIdentity | null> {
  const started = process.platform === "linux" ? await startedOnLinux(pid) : await startedElsewhere(pid);
  return started === null ? null : { pid, started };
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identityOf(identity.pid))?.started === identity.started;
}

/** State and start time from the text of /proc/<pid>/stat. The name in it may hold blanks and brackets, so count from its end. */
export function parseProcStat(text: string): { state: string; started: string } {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", started: fields[19] ?? "" };
}

async function startedOnLinux(pid: number): Promise<string | null> {
  try {
    const { state, started } = parseProcStat(await readFile(`/proc/${pid}/stat`, "utf8"));
    return state === "Z" || state === "X" ? null : started;
  } catch {
    return null;
  }
}

async function startedElsewhere(pid: number): Promise<string | null> {
  try {
    const { stdout } = await run("ps", ["-o", "stat=,lstart=", "-p", String(pid)]);
    const [state = "", ...lstart] = stdout.trim().split(/\s+/);
    return state.startsWith("Z") || lstart.length === 0 ? null : lstart.join(" ");
  } catch {
    return null;
  }
}
