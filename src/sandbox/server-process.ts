import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { VtpipeError } from "../contracts/errors.ts";
import { identityOf, isAlive, type ProcessIdentity } from "./process-identity.ts";

/** A server of the sandbox, in a process group of its own. */
export interface ServerProcess extends ProcessIdentity {
  readonly name: string;
  readonly log: string;
}

export interface ServerCommand {
  readonly name: string;
  /** Program and its arguments. */
  readonly command: readonly string[];
  /** File that takes what the server prints. */
  readonly log: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The user to run as, when it is not ours. */
  readonly as?: { readonly uid: number; readonly gid: number };
}

/** Starts a server as the leader of a new process group, so that it outlives us and can be ended with its children. */
export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  const [program = "", ...args] = server.command;
  const log = openSync(server.log, "a", 0o600);
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: "/",
      env: { ...process.env, ...server.env },
      ...server.as,
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("spawn", () => resolve(child.pid as number));
      child.once("error", reject);
    });
    child.unref();
    // One that has ended by now has no start time; no process ever has this one, so it counts as ended from here on.
    const { started } = (await identityOf(pid)) ?? { started: "ended" };
    return { pid, started, name: server.name, log: server.log };
  } catch (cause) {
    throw new VtpipeError({
      code: "unreachable",
      message: `${server.name} could not be started: ${cause instanceof Error ? cause.message : String(cause)}. ${await tail(server.log)}`,
      now: "The sandbox is not up.",
      todo: `See that ${program} can be run, then try again.`,
      cause,
    });
  } finally {
    closeSync(log);
  }
}

/**
 * Waits until `answers` says true. Fails at once when the process has ended, and after `seconds` in any case, with
 * the end of the server's log.
 */
export async function waitForServer(
  server: ServerProcess,
  seconds: number,
  answers: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown = null;
  while (true) {
    signal?.throwIfAborted();
    try {
      if (await answers()) return;
    } catch (error) {
      last = error;
    }
    if (!(await isAlive(server))) throw await failure(server, "ended before it answered", last);
    if (Date.now() > deadline) throw await failure(server, `did not answer within ${seconds} s`, last);
    await sleep(50);
  }
}

async function failure(server: ServerProcess, what: string, cause: unknown): Promise<VtpipeError> {
  const why = cause instanceof Error ? ` (${cause.message})` : "";
  return new VtpipeError({
    code: "unreachable",
    message: `${server.name} ${what}${why}. ${await tail(server.log)}`,
    now: "The sandbox is not up.",
    todo: "The last lines of the server's log, above, say what it lacks; put that right and try again.",
    cause,
  });
}

/** The end of a log file as one sentence; at most 2 KiB. */
async function tail(log: string): Promise<string> {
  try {
    await using file = await open(log, "r");
    const { size } = await file.stat();
    const length = Math.min(size, 2048);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return length === 0 ? `Its log ${log} is empty.` : `Its log ${log} ends:\n${buffer.toString("utf8").trim()}\n`;
  } catch {
    return `It left no log at ${log}.`;
  }
}

/** Asks a server to end, waits, then makes it end. Does nothing to a process that merely has the same id. */
export async function stopServer(server: ProcessIdentity, graceSeconds: number): Promise<void> {
  if (!(await isAlive(server))) return;
  signalGroup(server.pid, "SIGTERM");
  if (await endsWithin(server, graceSeconds)) return;
  signalGroup(server.pid, "SIGKILL");
  if (await endsWithin(server, 10)) return;
  throw new VtpipeError({
    code: "internal",
    message: `Process ${server.pid} does not end, not even by SIGKILL.`,
    now: "It still runs, and its files are still there.",
    todo: "It is likely to wait for a disk. Try again when that answers.",
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function endsWithin(server: ProcessIdentity, seconds: number): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (await isAlive(server)) {
    if (Date.now() > deadline) return false;
    await sleep(30);
  }
  return true;
}
