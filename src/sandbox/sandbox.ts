import { readdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import { bringDown } from "./bring-down.ts";
import { bringUp, type SandboxPlan } from "./bring-up.ts";
import { withFileLock } from "./file-lock.ts";
import { makePrivateDirectory, makeRuntimeDirectory, sandboxDirectory } from "./folders.ts";
import { findMysqlHome } from "./mysql-home.ts";
import { dataTemplate } from "./mysqld.ts";
import { isAlive, type ProcessIdentity } from "./process-identity.ts";
import { shardNames } from "./shards.ts";
import { readState, type SandboxState } from "./state-file.ts";
import { findVitess } from "./vitess-binaries.ts";

export type { SandboxState } from "./state-file.ts";

export interface SandboxOptions {
  /** Its folder; by default `sandbox/default` in the cache folder. */
  readonly directory?: string;
  /** 1, 2, 4, 8 or 16; 2 unless told. */
  readonly shards?: number;
  /** Real Vitess where its programs are found, only the stand-in, or only real Vitess. */
  readonly vitess?: "auto" | "never" | "always";
  /** Load the sample database? */
  readonly sample?: boolean;
  /** Bring the sandbox down when this process ends, however it ends. */
  readonly owner?: ProcessIdentity;
  readonly onEvent: EventSink;
  /** Aborting takes down what is up so far. */
  readonly signal?: AbortSignal;
}

export interface SandboxStatus {
  readonly state: SandboxState;
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly running: boolean }[];
  /** Is it complete and every process running? */
  readonly running: boolean;
}

/** How long another `up` or `down` of the same folder is waited for. */
const LOCK_WAIT_SECONDS = 10;

/**
 * Brings a sandbox up: a MySQL source, a MySQL server per shard, and over the shards a Vitess cluster or the
 * stand-in router. What fails on the way is taken down again.
 */
export async function sandboxUp(options: SandboxOptions): Promise<SandboxState> {
  const directory = resolve(options.directory ?? sandboxDirectory("default"));
  const shards = shardNames(options.shards ?? 2);
  const vitess = await chooseVitess(options);
  return withFileLock(`${directory}.lock`, LOCK_WAIT_SECONDS, async () => {
    await clearRemains(directory);
    const home = await findMysqlHome(options.onEvent);
    const template = await dataTemplate(home, options.onEvent);
    await makePrivateDirectory(directory);
    const runtimeDirectory = await makeRuntimeDirectory();
    const plan: SandboxPlan = {
      directory,
      runtimeDirectory,
      home,
      template,
      shards,
      vitess,
      sample: options.sample ?? false,
      owner: options.owner ?? null,
      onEvent: options.onEvent,
      signal: options.signal,
    };
    try {
      return await bringUp(plan);
    } catch (error) {
      const state = await readState(directory);
      if (state !== null) await bringDown(state);
      await rm(runtimeDirectory, { recursive: true, force: true });
      throw options.signal?.aborted ? interrupted(error) : error;
    }
  });
}

/** Ends every process of the sandbox and removes its folders. False: there was none. */
export async function sandboxDown(directory: string = sandboxDirectory("default")): Promise<boolean> {
  const folder = resolve(directory);
  if ((await readState(folder)) === null) return false;
  return withFileLock(`${folder}.lock`, LOCK_WAIT_SECONDS, async () => {
    const state = await readState(folder);
    if (state === null) return false;
    await bringDown(state);
    return true;
  });
}

/** What is in that folder; null when there is no sandbox. */
export async function sandboxStatus(directory: string = sandboxDirectory("default")): Promise<SandboxStatus | null> {
  const state = await readState(resolve(directory));
  if (state === null) return null;
  const processes = await Promise.all(
    state.processes.map(async (process) => ({ name: process.name, pid: process.pid, running: await isAlive(process) })),
  );
  return { state, processes, running: state.up && processes.every(({ running }) => running) };
}

async function chooseVitess({ vitess = "auto", onEvent }: SandboxOptions): Promise<SandboxPlan["vitess"]> {
  if (vitess === "never") return null;
  const { binaries, missing } = await findVitess();
  if (binaries !== null) return binaries;
  const lacking = `Vitess is not on this machine: no ${missing.join(", ")} in VTPIPE_VITESS_BIN or on PATH.`;
  if (vitess === "auto") {
    onEvent({ type: "note", text: `${lacking} The stand-in router takes its place.` });
    return null;
  }
  throw new VtpipeError({
    code: "preflight",
    message: lacking,
    now: "Nothing was started.",
    todo: "Name the folder of the Vitess programs and etcd in VTPIPE_VITESS_BIN, or let the stand-in router take their place.",
  });
}

/** Makes way for a new sandbox: only what is provably the remains of one is removed. */
async function clearRemains(directory: string): Promise<void> {
  const status = await sandboxStatus(directory);
  if (status?.running) {
    throw new VtpipeError({
      code: "busy",
      message: `The sandbox in ${directory} is up already.`,
      now: "It was left as it is.",
      todo: "Use it, or end it with `vtpipe sandbox down`.",
    });
  }
  if (status !== null) return bringDown(status.state);
  const files = await readdir(directory).catch(() => [] as string[]);
  if (files.length === 0) return;
  throw new VtpipeError({
    code: "usage",
    message: `${directory} is not empty and holds no sandbox.`,
    now: "Nothing was changed.",
    todo: "Give a new or empty folder: `down` removes it with all that is in it.",
  });
}

function interrupted(cause: unknown): VtpipeError {
  return new VtpipeError({
    code: "interrupted",
    message: "Bringing the sandbox up was interrupted.",
    now: "All of it is taken down again.",
    todo: "Run the same command again.",
    cause,
  });
}
