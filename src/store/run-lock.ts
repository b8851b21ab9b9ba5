import { randomUUID } from "node:crypto";
import { link, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { VtpipeError } from "../contracts/errors.ts";
import { diskError, isMissing, unreadable } from "./file-errors.ts";
import { readOrdinary } from "./ordinary-file.ts";
import { isRunning, markOfThisProcess, type ProcessMark } from "./process-start.ts";

/** The right to change a run directory, for one process at a time. */
export interface RunLock extends AsyncDisposable {
  release(): Promise<void>;
}

const lockSchema: z.ZodType<ProcessMark> = z.object({
  pid: z.int(),
  host: z.string(),
  started: z.string().nullable(),
});

/** With waits of 0 to 100 ms between them: enough for a dozen runs that all find the same dead lock at once. */
const tries = 50;

/**
 * Takes the lock file, or throws `busy` naming the process that has it. A lock whose process has ended is taken over, so
 * a killed run needs no cleaning up.
 */
export async function takeRunLock(lockFile: string): Promise<RunLock> {
  const content = JSON.stringify(await markOfThisProcess());
  try {
    for (let attempt = 1; !(await attemptLock(lockFile, content)); attempt++) {
      if (attempt === tries) throw held(lockFile, null);
      await sleep(Math.random() * 100);
    }
    await otherClaims(lockFile, null);
  } catch (error) {
    throw diskError(lockFile, error, "Nothing in the run directory was changed.");
  }
  const release = async (): Promise<void> => {
    if ((await contentOf(lockFile)) === content) await rm(lockFile, { force: true });
  };
  return { release, [Symbol.asyncDispose]: release };
}

/**
 * False: others are trying too, so try again. A claim, a file of our own beside the lock, stands while we try, and a dead
 * lock is removed only by who sees no other live claim and then still sees the dead lock. Whoever comes later
 * sees our claim; whoever was earlier has already put his lock there. So nobody removes a live lock.
 */
async function attemptLock(lockFile: string, content: string): Promise<boolean> {
  const claim = `${lockFile}.${randomUUID()}`;
  const draft = `${claim}.draft`;
  try {
    // A claim must never be without its owner's name, or it could not be told from a live one after a kill.
    await writeFile(draft, content, { flag: "wx", mode: 0o600 });
    await rename(draft, claim);
    if (await linkLock(claim, lockFile)) return true;
    if ((await stateOf(lockFile)) === "gone") return false;
    if ((await otherClaims(lockFile, claim)) > 0) return false;
    if ((await stateOf(lockFile)) === "gone") return false;
    await rm(lockFile, { force: true });
    return await linkLock(claim, lockFile);
  } finally {
    await rm(claim, { force: true }).catch(() => {});
  }
}

/** A hard link is made or refused as a whole, so there is never a lock without its owner's name in it. */
async function linkLock(claim: string, lockFile: string): Promise<boolean> {
  try {
    await link(claim, lockFile);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Throws `busy` for a lock that is alive or cannot be told to be dead. */
async function stateOf(lockFile: string): Promise<"gone" | "dead"> {
  const content = await contentOf(lockFile);
  if (content === null) return "gone";
  const owner = ownerIn(content);
  if (owner === null || (await isRunning(owner)) !== false) throw held(lockFile, owner);
  return "dead";
}

/** How many others are trying. What processes left that were killed while they tried is removed: its names are never used again. */
async function otherClaims(lockFile: string, mine: string | null): Promise<number> {
  const folder = dirname(lockFile);
  const prefix = `${basename(lockFile)}.`;
  let others = 0;
  for (const name of await readdir(folder)) {
    const claim = join(folder, name);
    if (!name.startsWith(prefix) || claim === mine) continue;
    const content = await contentOf(claim);
    const owner = content === null ? null : ownerIn(content);
    if (owner !== null && (await isRunning(owner)) === false) await rm(claim, { force: true });
    else if (content !== null && !name.endsWith(".draft")) others++;
  }
  return others;
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return (await readOrdinary(path)).toString("utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw unreadable(path, error);
  }
}

function ownerIn(content: string): ProcessMark | null {
  try {
    return lockSchema.parse(JSON.parse(content));
  } catch {
    return null;
  }
}

function held(lockFile: string, owner: ProcessMark | null): VtpipeError {
  const who = owner === null ? "a process that did not leave its name" : `process ${owner.pid} on host ${owner.host}`;
  return new VtpipeError({
    code: "busy",
    message: `The run directory is in use by ${who} (${lockFile}).`,
    now: "Nothing was changed.",
    todo: `Wait until that run has ended. If you are sure that it is not running any more, remove ${lockFile} and try again.`,
    context: { file: lockFile, ...(owner === null ? {} : { pid: owner.pid, host: owner.host }) },
  });
}
