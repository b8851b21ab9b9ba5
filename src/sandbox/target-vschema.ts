import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { VtpipeError } from "../contracts/errors.ts";
import { withFileLock } from "./file-lock.ts";
import { readStandInConfig, writeStandInConfig } from "./stand-in.ts";
import type { SandboxState, SandboxTarget } from "./state-file.ts";
import { emptyVschema, type VschemaJson } from "./vschema-json.ts";
import { vtctldCommand } from "./vtctld-command.ts";

const LOCK_WAIT_SECONDS = 60;
const SEEN_SECONDS = 30;

/**
 * Changes the vschema of the sandbox's target keyspace and waits until the gate routes by it. Callers in any process
 * follow one another.
 */
export async function changeVschema(state: SandboxState, change: (now: VschemaJson) => VschemaJson): Promise<void> {
  const target = targetOf(state);
  await withFileLock(join(state.directory, "vschema.lock"), LOCK_WAIT_SECONDS, async () => {
    const now = await readVschemaJson(target);
    const next = change(now);
    if (target.routerConfig === null) await applyToCluster(state, target, next);
    else await applyToStandIn(state, target.routerConfig, next);
    const wanted = Object.keys(next.tables);
    const gone = Object.keys(now.tables).filter((name) => !wanted.includes(name));
    await waitUntilSeen(target, wanted, gone);
  });
}

async function readVschemaJson(target: SandboxTarget): Promise<VschemaJson> {
  if (target.routerConfig !== null) return (await readStandInConfig(target.routerConfig)).vschema;
  const text = await vtctldCommand(vtctldOf(target), "GetVSchema", target.keyspace);
  return { ...emptyVschema, ...(JSON.parse(text) as Partial<VschemaJson>) };
}

/** By a file: a vschema of thousands of tables is longer than an argument may be. */
async function applyToCluster(state: SandboxState, target: SandboxTarget, vschema: VschemaJson): Promise<void> {
  const file = join(state.directory, "vschema.json");
  await writeFile(file, JSON.stringify(vschema), { mode: 0o600 });
  await vtctldCommand(vtctldOf(target), "ApplyVSchema", "--vschema-file", file, target.keyspace);
}

async function applyToStandIn(state: SandboxState, file: string, vschema: VschemaJson): Promise<void> {
  await writeStandInConfig(file, { ...(await readStandInConfig(file)), vschema });
  const router = state.processes.find(({ name }) => name === "stand-in router");
  if (router !== undefined) process.kill(router.pid, "SIGHUP");
}

/**
 * The gate follows the topology on its own time; `SHOW VSCHEMA TABLES` tells when it has. It also lists tables that are
 * on the shards only, which others may be making right now, so those are no reason to wait.
 */
async function waitUntilSeen(target: SandboxTarget, wanted: readonly string[], gone: readonly string[]): Promise<void> {
  const { host, port, user, password, keyspace } = target;
  const connection = await createConnection({ host, port, user, password, database: keyspace });
  const deadline = Date.now() + SEEN_SECONDS * 1000;
  try {
    while (true) {
      const [rows] = await connection.query<RowDataPacket[]>("SHOW VSCHEMA TABLES");
      const seen = new Set(rows.map((row) => String(Object.values(row)[0])));
      const differing = [...wanted.filter((name) => !seen.has(name)), ...gone.filter((name) => seen.has(name))];
      if (differing.length === 0) return;
      if (Date.now() > deadline) throw notSeen(target, differing);
      await sleep(50);
    }
  } finally {
    await connection.end();
  }
}

function notSeen(target: SandboxTarget, differing: readonly string[]): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `The sandbox's gate (${target.description}) still routes by an older vschema after ${SEEN_SECONDS} s; it differs in ${differing.slice(0, 5).join(", ")}.`,
    now: "The vschema is changed, the gate does not know it yet.",
    todo: "Look into the gate's log (`vtpipe sandbox status` names its folder).",
  });
}

function vtctldOf(target: SandboxTarget): { vtctldclient: string; server: string } {
  return { vtctldclient: target.vtctldclient ?? "", server: target.vtctld ?? "" };
}

function targetOf(state: SandboxState): SandboxTarget {
  if (state.target !== null) return state.target;
  throw new VtpipeError({
    code: "preflight",
    message: `The sandbox in ${state.directory} is not up.`,
    now: "Nothing was changed.",
    todo: "Bring it up with `vtpipe sandbox up`.",
  });
}
