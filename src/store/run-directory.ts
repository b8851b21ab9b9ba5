import { lstat, readdir, realpath, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { VtpipeError } from "../contracts/errors.ts";
import { isChunkFilePath } from "./chunk-paths.ts";
import { makePrivateDirectory } from "./durable.ts";
import { diskError, isMissing, unreadable } from "./file-errors.ts";
import { pathInside } from "./inside.ts";
import { type RunLock, takeRunLock } from "./run-lock.ts";

/**
 * Where everything of one run is kept:
 * `manifest.json`, `ledger.jsonl`, `lock`, `limits.json`, `chunks/<number>-<table>/<chunk>.zst`.
 */
export interface RunDirectory {
  /** Absolute, symbolic links resolved. */
  readonly path: string;
  readonly manifestFile: string;
  readonly ledgerFile: string;
  /** Limits that were changed while a run was at work; mostly not there. */
  readonly limitsFile: string;
  /** Full sentences, such as: others may read it. */
  readonly warnings: readonly string[];
  /** Absolute path of a file that manifest or ledger name, refused unless it stays inside. */
  fileOf(relative: string): Promise<string>;
  /** Keeps other runs out; throws `busy` when one is at work. */
  lock(): Promise<RunLock>;
}

const manifestName = "manifest.json";
const ledgerName = "ledger.jsonl";
const lockName = "lock";
const limitsName = "limits.json";
const chunksName = "chunks";

/** Makes a run directory, or opens the one that is there. A folder with other people's files in it is refused. */
export async function createRunDirectory(path: string): Promise<RunDirectory> {
  const absolute = resolve(path);
  let names: readonly string[];
  try {
    await makePrivateDirectory(absolute);
    names = await readdir(absolute);
  } catch (error) {
    throw diskError(absolute, error, "Nothing was changed.");
  }
  const strange = names.filter((name) => !isOurs(name));
  if (!names.includes(ledgerName) && strange.length > 0) {
    throw new VtpipeError({
      code: "files",
      message: `${absolute} is not empty and is no run directory: it holds ${strange.slice(0, 3).join(", ")}${strange.length > 3 ? ", …" : ""}.`,
      now: "Nothing was changed.",
      todo: "Choose a folder that does not exist yet, is empty, or belongs to an earlier run.",
      context: { directory: absolute },
    });
  }
  return describe(absolute);
}

/** Opens a run directory that is there, such as one copied from another host. */
export async function openRunDirectory(path: string): Promise<RunDirectory> {
  const absolute = resolve(path);
  const names = await readdir(absolute).catch((error: unknown) => {
    throw unreadable(absolute, error);
  });
  if (!names.includes(manifestName) && !names.includes(ledgerName)) {
    throw new VtpipeError({
      code: "files",
      message: `${absolute} is no run directory: it has neither ${manifestName} nor ${ledgerName}.`,
      now: "Nothing was changed.",
      todo: "Give the folder that `vtpipe dump` or `vtpipe run` wrote to.",
      context: { directory: absolute },
    });
  }
  return describe(absolute);
}

/** Removes what a killed run left half-written; call it with the lock held. Returns how many files that were. */
export function removeUnfinished(directory: RunDirectory): Promise<number> {
  return removeChunkFiles(directory, (path) => path.endsWith(".zst.part"));
}

/**
 * Removes whole chunk files that are not `recorded` (paths below the directory): a killed run finished them and recorded them no more, and
 * their rows are read again into a file that may have another name. Call it with the lock held. Returns how many files that were.
 */
export function removeUnrecorded(directory: RunDirectory, recorded: ReadonlySet<string>): Promise<number> {
  return removeChunkFiles(directory, (path) => isChunkFilePath(path) && !recorded.has(path));
}

async function removeChunkFiles(directory: RunDirectory, isChosen: (path: string) => boolean): Promise<number> {
  // Where it is a link to somewhere else, nothing there is ours to remove.
  const chunks = await directory.fileOf(chunksName);
  let removed = 0;
  try {
    for (const folder of await readdir(chunks, { withFileTypes: true })) {
      if (!folder.isDirectory()) continue;
      for (const name of await readdir(join(chunks, folder.name))) {
        if (!isChosen(`${chunksName}/${folder.name}/${name}`)) continue;
        await rm(join(chunks, folder.name, name));
        removed += 1;
      }
    }
  } catch (error) {
    if (!isMissing(error)) throw diskError(chunks, error, "Recorded chunk files were not touched.");
  }
  return removed;
}

function isOurs(name: string): boolean {
  const base = name.split(".part")[0];
  return (
    base === manifestName ||
    base === ledgerName ||
    base === chunksName ||
    base === limitsName ||
    /^lock(\.|$)/.test(name)
  );
}

async function describe(absolute: string): Promise<RunDirectory> {
  const path = await realpath(absolute);
  const manifestFile = join(path, manifestName);
  const ledgerFile = join(path, ledgerName);
  return {
    path,
    manifestFile,
    ledgerFile,
    limitsFile: join(path, limitsName),
    warnings: await readableByOthers(path, [manifestFile, ledgerFile]),
    fileOf: (relative) => pathInside(path, relative),
    lock: () => takeRunLock(join(path, lockName)),
  };
}

/** Rows are the user's data: whoever can read the directory can read them. */
async function readableByOthers(directory: string, files: readonly string[]): Promise<string[]> {
  if (process.platform === "win32") return [];
  const open = async (path: string): Promise<number> => {
    const found = await (path === directory ? stat(path) : lstat(path)).catch(() => null);
    return found === null ? 0 : found.mode & 0o077;
  };
  // Files behind a folder that only its owner may enter are safe whatever their own mode.
  if ((await open(directory)) === 0) return [];
  const warnings = [`Other users may enter ${directory}, which holds rows of your tables; chmod 700 keeps them out.`];
  for (const file of files) {
    if ((await open(file)) !== 0) warnings.push(`Other users may read ${file}; chmod 600 keeps them out.`);
  }
  return warnings;
}
