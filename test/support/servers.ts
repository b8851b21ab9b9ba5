import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { sandboxDirectory } from "../../src/sandbox/folders.ts";
import { identityOf, isAlive } from "../../src/sandbox/process-identity.ts";
import { type SandboxState, sandboxDown, sandboxStatus, sandboxUp } from "../../src/sandbox/sandbox.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A real MySQL server, as a user with every privilege. */
    source: {
      host: string;
      port: number;
      user: string;
      password: string;
      socket: string;
      /** X Protocol port. */
      mysqlxPort: number;
      /** Database that keyspace `sourceKeyspace` of the cluster shows. */
      database: string;
      /** The account with a migration's least grants, on `database` only. */
      reader: { user: string; password: string };
    };
    /** The target: vtgate of a real cluster, or the stand-in router. */
    vtgate: {
      host: string;
      port: number;
      user: string;
      password: string;
      keyspace: string;
      shards: string[];
      kind: "vitess" | "stand-in";
      /** "real Vitess 24.0.0", "stand-in router, not Vitess" */
      description: string;
      /** Keyspace over the source server, and vtctld's gRPC address; null on the stand-in. */
      sourceKeyspace: string | null;
      vtctld: string | null;
    };
    /** The mysqld behind each shard, in shard order. */
    shardServers: { host: string; port: number; user: string; password: string; database: string }[];
    /** Folder of the sandbox all of the above is in. */
    sandbox: string;
  }
}

/** One sandbox serves all projects of a run; each of them sets up and tears down, the last one out ends it. */
interface Shared {
  users: number;
  state: Promise<SandboxState>;
}

const key = Symbol.for("vtpipe.test.servers");
const shared = globalThis as unknown as Record<symbol, Shared | undefined>;

/** A sandbox that is up already may be named here: quick loops then start in no time. It is left up. */
const given = process.env["VTPIPE_TEST_SANDBOX"];

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = shared[key] ?? { users: 0, state: given ? existing(given) : start() };
  shared[key] = servers;
  servers.users++;
  const release = async (): Promise<void> => {
    if (--servers.users > 0) return;
    shared[key] = undefined;
    if (!given) await sandboxDown((await servers.state).directory);
  };
  try {
    provide(project, await servers.state);
    return release;
  } catch (error) {
    servers.users--;
    throw error;
  }
}

async function start(): Promise<SandboxState> {
  const owner = await identityOf(process.pid);
  if (owner === null) throw new Error("this process is not there");
  await removeOrphans();
  const state = await sandboxUp({
    directory: sandboxDirectory(`test-${owner.pid}-${owner.started.replace(/\W/g, "")}`),
    vitess: vitessWanted(),
    owner,
    onEvent: (event) => {
      if (event.type === "note") say(event.text);
    },
  });
  if (state.target?.kind === "stand-in") {
    say("############################################################################################");
    say("## Vitess binaries not found: test/vitess is SKIPPED, the stand-in router serves the rest ##");
    say("############################################################################################");
  }
  return state;
}

function vitessWanted(): "auto" | "always" | "never" {
  const wanted = process.env["VTPIPE_TEST_VITESS"] ?? "auto";
  if (wanted === "auto" || wanted === "always" || wanted === "never") return wanted;
  throw new Error(`VTPIPE_TEST_VITESS is ${wanted}: it may be auto, always or never`);
}

async function existing(directory: string): Promise<SandboxState> {
  const status = await sandboxStatus(directory);
  if (!status?.running) throw new Error(`VTPIPE_TEST_SANDBOX names ${directory}, where no sandbox is up`);
  say(`using the sandbox in ${directory}: ${status.state.target?.description}`);
  return status.state;
}

/** Sandboxes of test runs that were killed together with their guard. */
async function removeOrphans(): Promise<void> {
  const folder = sandboxDirectory("");
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const [, pid, started] = /^test-(\d+)-(\w+)$/.exec(name) ?? [];
    if (pid === undefined || started === undefined) continue;
    if (!(await isAlive({ pid: Number(pid), started }))) await sandboxDown(join(folder, name));
  }
}

function provide(project: TestProject, state: SandboxState): void {
  const { source, shards, target } = state;
  if (target === null) throw new Error("the sandbox has no target");
  project.provide("source", source);
  project.provide("vtgate", { ...target, shards: shards.map(({ name }) => name) });
  project.provide("shardServers", [...shards]);
  project.provide("sandbox", state.directory);
}

function say(text: string): void {
  process.stderr.write(`servers: ${text}\n`);
}
