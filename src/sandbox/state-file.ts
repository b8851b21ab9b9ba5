import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VtpipeError } from "../contracts/errors.ts";
import type { ServerProcess } from "./server-process.ts";

/** A MySQL account of the sandbox and where it is let in. */
export interface SandboxServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly socket: string;
}

export interface SandboxSource extends SandboxServer {
  readonly database: string;
  /** X Protocol port. */
  readonly mysqlxPort: number;
  /** The account a migration would use, with the least grants it needs. */
  readonly reader: { readonly user: string; readonly password: string };
}

export interface SandboxShard extends SandboxServer {
  /** Shard name, e.g. "-80". */
  readonly name: string;
  readonly database: string;
}

export interface SandboxTarget {
  readonly kind: "vitess" | "stand-in";
  /** "real Vitess 24.0.0", "stand-in router, not Vitess" */
  readonly description: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly keyspace: string;
  /** Keyspace of the source server's tablet; null for the stand-in. */
  readonly sourceKeyspace: string | null;
  /** vtctld's gRPC address; null for the stand-in. */
  readonly vtctld: string | null;
  /** Path of vtctldclient; null for the stand-in. */
  readonly vtctldclient: string | null;
  /** Config file of the stand-in; null for Vitess. */
  readonly routerConfig: string | null;
}

/** All that is known of a sandbox, as `sandbox.json` in its folder. It holds passwords: only its owner may read it. */
export interface SandboxState {
  readonly format: 1;
  readonly directory: string;
  readonly runtimeDirectory: string;
  readonly createdAt: string;
  /** Is it complete? While false it is being brought up, or what is left of an attempt. */
  readonly up: boolean;
  readonly mysql: { readonly version: string; readonly origin: string };
  readonly source: SandboxSource;
  readonly shards: readonly SandboxShard[];
  /** null until it is up. */
  readonly target: SandboxTarget | null;
  /** In the order they were started. */
  readonly processes: readonly ServerProcess[];
}

export function stateFile(directory: string): string {
  return join(directory, "sandbox.json");
}

/** The state of the sandbox in that folder; null when there is none. */
export async function readState(directory: string): Promise<SandboxState | null> {
  const file = stateFile(directory);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    const state = JSON.parse(text) as SandboxState;
    // The folder it is found in, whatever the file says: `down` removes that folder.
    if (state.format === 1) return { ...state, directory };
  } catch {
    // Falls through to the refusal: it is not a state file of ours.
  }
  throw new VtpipeError({
    code: "files",
    message: `${file} is not a sandbox file this version of vtpipe can read.`,
    now: "Nothing was changed; servers of that sandbox may still be running.",
    todo: "Bring it down with the vtpipe that made it, or end its servers and remove the folder by hand.",
  });
}

/** Replaces the state file as a whole: a reader sees the old or the new one. */
export async function writeState(state: SandboxState): Promise<void> {
  const file = stateFile(state.directory);
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}
