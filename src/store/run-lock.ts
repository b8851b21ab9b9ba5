import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { VtpipeError } from "../contracts/errors.ts";
import { diskError, isMissing } from "./file-errors.ts";
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

/** How often a lock that vanishes or is taken over under our hands is tried again. */
const tries = 10;

/**
 * Takes the lock file, or throws `busy` naming the process that has it. A lock whose process has ended is taken over, so
 * a killed run needs no cleaning up.
 */
export async function takeRunLock(lockFile: string): Promise<RunLock> {
  const content = JSON.stringify(await markOfThisProcess());
  const mine = `${lockFile}.${randomUUID()}`;
  try {
    await writeFile(mine, content, { flag: "wx", mode: 0o600 });
    await acquire(lockFile, mine);
  } catch (error) {
    throw diskError(lockFile, error, "Nothing in the run directory was changed.");
  } finally {
    await rm(mine, { force: true }).catch(() => {});
  }
  const release = async (): Promise<void> => {
    if ((await contentOf(lockFile)) === content) await rm(lockFile, { force: true });
  };
  return { release, [Symbol.asyncDispose]: release };
}

/** A hard link is made or refused as a whole, so there is never a lock without its owner's name in it. */
async function acquire(lockFile: string, mine: string): Promise<void> {
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      return await link(mine, lockFile);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const content = await contentOf(lockFile);
    if (content === null) continue;
    const owner = ownerIn(content);
    if (owner === null || (await isRunning(owner)) !== false) throw held(lockFile, owner);
    await clearStale(lockFile, mine, content);
  }
  throw held(lockFile, null);
}

/** Two processes may both find the same stale lock; the slower one must not remove the faster one's new lock. */
async function clearStale(lockFile: string, mine: string, stale: string): Promise<void> {
  const aside = `${mine}.stale`;
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if ((await contentOf(aside)) !== stale) await link(aside, lockFile).catch(() => {});
  await rm(aside, { force: true });
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
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
