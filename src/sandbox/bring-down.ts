import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { type ServerProcess, stopServer } from "./server-process.ts";
import type { SandboxState } from "./state-file.ts";

/** mysqld flushes and closes in a second or two; the data is thrown away, so no server needs longer. */
const GRACE_SECONDS = 10;

/** Ends every process of a sandbox, last started first, and removes its folders. */
export async function bringDown(state: SandboxState): Promise<void> {
  const others = state.processes.filter(({ pid }) => pid !== process.pid);
  for (const layer of layersOf(others)) await Promise.all(layer.map((server) => stopServer(server, GRACE_SECONDS)));
  if (basename(state.runtimeDirectory).startsWith("vtpipe-")) {
    await rm(state.runtimeDirectory, { recursive: true, force: true });
  }
  await rm(state.directory, { recursive: true, force: true });
}

/** Those that use others end before them: gate, tablets, topology, databases. */
function layersOf(processes: readonly ServerProcess[]): ServerProcess[][] {
  const layer = ({ name }: ServerProcess): number => {
    if (name.startsWith("mysqld")) return 3;
    if (name === "etcd") return 2;
    return name.startsWith("vttablet") ? 1 : 0;
  };
  return [0, 1, 2, 3].map((number) => processes.filter((process) => layer(process) === number));
}
