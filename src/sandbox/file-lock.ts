import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { VtpipeError } from "../contracts/errors.ts";
import { identityOf, isAlive, type ProcessIdentity } from "./process-identity.ts";

/**
 * Runs `work` while no other process, nor another caller in this one, holds the lock at `path`. A lock whose owner
 * has ended is taken over.
 */
export async function withFileLock<T>(path: string, waitSeconds: number, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const deadline = Date.now() + waitSeconds * 1000;
  while (!(await tryToTake(path))) {
    const owner = await ownerOf(path);
    if (owner !== null && !(await isAlive(owner))) await removeStale(path, owner);
    else if (Date.now() > deadline) throw held(path, owner);
    else await sleep(50);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** A hard link either is made or exists: never a lock file without its owner's name in it. */
async function tryToTake(path: string): Promise<boolean> {
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify(await identityOf(process.pid)), { mode: 0o600 });
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

/** Moved away before it goes: if another process has taken the lock over since we looked, it gets it back. */
async function removeStale(path: string, seen: ProcessIdentity): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await ownerOf(aside);
  if (moved?.pid !== seen.pid || moved.started !== seen.started) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function ownerOf(path: string): Promise<ProcessIdentity | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as ProcessIdentity;
  } catch {
    return null;
  }
}

function held(path: string, owner: ProcessIdentity | null): VtpipeError {
  return new VtpipeError({
    code: "busy",
    message: `Another process${owner === null ? "" : ` (${owner.pid})`} holds ${path}.`,
    now: "Nothing was changed.",
    todo: "Wait until it has finished, then try again.",
  });
}
