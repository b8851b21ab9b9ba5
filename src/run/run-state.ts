import type { Config } from "../config/config.ts";
import type { DumpedChunk } from "../contracts/chunk.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import type { LedgerRecord } from "../contracts/ledger.ts";
import { type Manifest, manifestFormat } from "../contracts/manifest.ts";
import { tiling } from "../source/tiling.ts";
import { type LedgerFile, openLedger, readLedger } from "../store/ledger-file.ts";
import { readManifest, writeManifest } from "../store/manifest-file.ts";
import {
  createRunDirectory,
  openRunDirectory,
  type RunDirectory,
  removeUnfinished,
  removeUnrecorded,
} from "../store/run-directory.ts";
import type { StoreKey } from "../store/store-key.ts";
import { version } from "../version.ts";
import { checkLedger } from "./check-ledger.ts";
import { type Journal, newJournal, type StoredChunk } from "./journal.ts";
import type { JobPlan } from "./plan-job.ts";
import { storeKeyOf } from "./store-key.ts";

/**
 * A run directory that is ours for the length of a job: its lock is held, its ledger open, its manifest read. What is
 * recorded is on disk before `record` resolves, and the journal follows.
 */
export interface RunState extends AsyncDisposable {
  readonly directory: RunDirectory;
  /** The directory's key; null: it is not encrypted. */
  readonly key: StoreKey | null;
  readonly journal: Journal;
  /** Records of earlier runs, in order, for the reading plan. */
  readonly earlier: readonly LedgerRecord[];
  /** With every chunk that is on disk by now. Made anew at each look, so take one look. */
  readonly manifest: Manifest;
  record(record: LedgerRecord): Promise<void>;
  /** Writes the manifest anew with everything the journal knows. */
  seal(complete: boolean): Promise<void>;
}

/** Opens the config's directory for a job that reads the source: new, or left by an interrupted run of the same plan. */
export async function openForDump(config: Config, plan: JobPlan, emit: EventSink): Promise<RunState> {
  const directory = await createRunDirectory(config.directory);
  const key = storeKeyOf(config);
  const state = await holding(directory, key, emit, async (ledger) => {
    const found = await readManifest(directory.manifestFile, key);
    const known = found?.plan ?? newJournal(ledger.records).plan;
    if (known !== null && known !== undefined && known !== plan.fingerprint) throw otherPlan(directory.path);
    if (ledger.records.length === 0) {
      await ledger.append({
        type: "run",
        format: 1,
        plan: plan.fingerprint,
        vtpipe: version,
        at: new Date().toISOString(),
      });
    }
    const manifest = found ?? manifestOf(plan);
    if (found === null) await writeManifest(directory.manifestFile, manifest, key);
    return manifest;
  });
  return orClosed(state, async () => {
    const removed = await removeUnrecorded(directory, new Set(state.manifest.chunks.map(({ file }) => file)));
    if (removed > 0)
      emit({ type: "note", text: `Removed ${removed} files of an interrupted run that it had not recorded.` });
  });
}

/** Opens a directory that is to be loaded or verified; its dump must be complete. */
export async function openFinishedDump(config: Config, path: string, emit: EventSink): Promise<RunState> {
  const state = await openDump(config, path, emit, true);
  return orClosed(state, async () => refuseGaps(state));
}

/** The state after one more step; when that fails, it is closed. */
async function orClosed(state: RunState, step: () => Promise<void>): Promise<RunState> {
  try {
    await step();
    return state;
  } catch (error) {
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

/** Opens the config's directory for what it remembers, be its dump complete or not. */
export function openAnyDump(config: Config, emit: EventSink): Promise<RunState> {
  return openDump(config, config.directory, emit, false);
}

async function openDump(config: Config, path: string, emit: EventSink, finished: boolean): Promise<RunState> {
  const directory = await openRunDirectory(path);
  const key = storeKeyOf(config);
  return holding(directory, key, emit, async (ledger) => {
    const manifest = await readManifest(directory.manifestFile, key);
    if (manifest === null) throw noManifest(directory.path);
    if (finished && !manifest.complete) throw incomplete(directory.path);
    // A directory copied without its ledger starts one of its own: what was loaded elsewhere says nothing here.
    if (ledger.records.length === 0) {
      await ledger.append({
        type: "run",
        format: 1,
        plan: manifest.plan,
        vtpipe: version,
        at: new Date().toISOString(),
      });
    }
    return manifest;
  });
}

/** Was a handoff to `target` ever begun from the config's directory? Only looks: it makes none and needs no lock. */
export async function isBegun(config: Config, target: string): Promise<boolean> {
  // Whether a folder without a run is one to begin in is told when it is opened.
  const directory = await openRunDirectory(config.directory).catch(() => null);
  if (directory === null) return false;
  const { records } = await readLedger(directory.ledgerFile, storeKeyOf(config));
  return newJournal(records).handoff(target) !== null;
}

async function holding(
  directory: RunDirectory,
  key: StoreKey | null,
  emit: EventSink,
  read: (ledger: LedgerFile) => Promise<Manifest>,
): Promise<RunState> {
  const lock = await directory.lock();
  let ledger: LedgerFile | null = null;
  try {
    for (const text of directory.warnings) emit({ type: "warning", code: "directory-mode", text });
    const removed = await removeUnfinished(directory);
    if (removed > 0) emit({ type: "note", text: `Removed ${removed} half-written files of an interrupted run.` });
    ledger = await openLedger(directory.ledgerFile, key);
    const manifest = await read(ledger);
    checkLedger(directory.ledgerFile, ledger.records, manifest);
    return state(directory, key, ledger, manifest, async () => {
      await ledger?.close();
      await lock[Symbol.asyncDispose]();
    });
  } catch (error) {
    await ledger?.close();
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function state(
  directory: RunDirectory,
  key: StoreKey | null,
  ledger: LedgerFile,
  first: Manifest,
  close: () => Promise<void>,
): RunState {
  const journal = newJournal(ledger.records);
  let manifest = first;
  return {
    directory,
    key,
    journal,
    earlier: ledger.records,
    get manifest() {
      return withChunks(manifest, journal);
    },
    async record(record) {
      await ledger.append(record);
      journal.apply(record);
    },
    async seal(complete) {
      manifest = withChunks({ ...manifest, complete }, journal);
      await writeManifest(directory.manifestFile, manifest, key);
    },
    [Symbol.asyncDispose]: close,
  };
}

/** The manifest's own chunks (of a directory copied without its ledger) and those the ledger knows. */
function withChunks(manifest: Manifest, journal: Journal): Manifest {
  if (journal.chunks.size === 0) return manifest;
  return { ...manifest, snapshots: journal.snapshots, chunks: [...journal.chunks.values()] };
}

function manifestOf(plan: JobPlan): Manifest {
  return {
    format: manifestFormat,
    vtpipe: version,
    plan: plan.fingerprint,
    createdAt: new Date().toISOString(),
    database: plan.database,
    tables: plan.tables.map(({ manifest }) => manifest),
    unmoved: plan.unmoved,
    complete: false,
    snapshots: [],
    chunks: [],
  };
}

/** Chunks of the manifest by table, in the order they were read. */
export function chunksByTable(manifest: Manifest): ReadonlyMap<string, readonly StoredChunk[]> {
  const byTable = new Map<string, StoredChunk[]>(manifest.tables.map(({ source }) => [source, []]));
  for (const chunk of manifest.chunks) byTable.get(chunk.table)?.push(chunk);
  return byTable;
}

/** Rows in the files of some chunks. */
export function rowsOf(chunks: readonly Pick<DumpedChunk, "checksum">[]): number {
  return chunks.reduce((sum, { checksum }) => sum + checksum.rows, 0);
}

/**
 * What is to be loaded must be all of it. A manifest alone could not lose a chunk unseen, but chunks are told by the ledger where there
 * is one, and a ledger that was copied while a dump was at work is whole and too short.
 */
function refuseGaps({ manifest, directory }: RunState): void {
  for (const [table, chunks] of chunksByTable(manifest)) {
    const fault = tiling(chunks);
    if (fault === null) continue;
    throw new VtpipeError({
      code: "files",
      message: `The manifest calls the dump in ${directory.path} complete, but the chunks that its ledger knows do not hold all of table ${table}: ${fault}.`,
      now: "Nothing was sent to the target.",
      todo: "Restore the ledger from a newer copy. If nothing was loaded from this directory yet, take ledger.jsonl away: then the manifest tells the chunks.",
      context: { table, directory: directory.path },
    });
  }
}

/** Refuses a directory whose rows were not made by `plan`: the source's tables or the config have changed since. */
export function refuseOtherPlan({ manifest, directory }: RunState, plan: JobPlan): void {
  if (manifest.plan !== plan.fingerprint) throw otherPlan(directory.path);
}

function otherPlan(path: string): VtpipeError {
  return new VtpipeError({
    code: "plan-changed",
    message: `The run directory ${path} belongs to another plan: tables, columns, transforms or filters differ from this config and source.`,
    now: "Nothing was changed; the directory is as it was.",
    todo: "Use another directory for this config, or restore the config this directory was made with.",
    context: { directory: path },
  });
}

function noManifest(path: string): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `There is no manifest in ${path}.`,
    now: "Nothing was sent to the target.",
    todo: "Copy manifest.json along with the chunk files, or run `vtpipe dump` again.",
    context: { directory: path },
  });
}

function incomplete(path: string): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `The dump in ${path} is not complete: some chunks of its tables were never written.`,
    now: "Nothing was sent to the target.",
    todo: "Finish it first: run the same `vtpipe dump` or `vtpipe run` again, it goes on where it stopped.",
    context: { directory: path },
  });
}
