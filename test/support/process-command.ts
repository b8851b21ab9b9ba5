import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../../src/sandbox/process-identity.ts";
import type { ServerCommand, ServerProcess } from "../../src/sandbox/server-process.ts";

/** How a running server was started, as Linux tells it (proc(5)): enough to start another one like it. */
export async function commandOf({ pid, name, log }: ServerProcess): Promise<ServerCommand> {
  const lines = async (file: string): Promise<string[]> =>
    (await readFile(`/proc/${pid}/${file}`, "utf8")).split("\0").filter(Boolean);
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const idOf = (what: string): number => Number(new RegExp(`^${what}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  const variables = (await lines("environ")).map((line): [string, string] => {
    const end = line.indexOf("=");
    return [line.slice(0, end), line.slice(end + 1)];
  });
  const as = { uid: idOf("Uid"), gid: idOf("Gid") };
  return {
    name,
    log,
    command: await lines("cmdline"),
    env: Object.fromEntries(variables),
    ...(as.uid === process.getuid?.() ? {} : { as }),
  };
}

/** The same command with other values for some of its `--flag=value` arguments. */
export function withFlags(server: ServerCommand, flags: Readonly<Record<string, string | number>>): ServerCommand {
  const left = new Set(Object.keys(flags));
  const command = server.command.map((argument) => {
    const flag = /^--([a-z-]+)=/.exec(argument)?.[1] ?? "";
    return left.delete(flag) ? `--${flag}=${flags[flag]}` : argument;
  });
  if (left.size > 0) throw new Error(`${server.name} was started without --${[...left].join(", --")}`);
  return { ...server, command };
}

/**
 * The command of a MySQL server, as Linux tells it, for another start: without the file of its first statements, which is gone as it
 * holds passwords, and without the one option that the server cuts in two while it reads it.
 */
export function mysqldAgain(server: ServerCommand): ServerCommand {
  const isGone = (argument: string): boolean =>
    /^--(init-file|performance-schema-instrument)=/.test(argument) || argument === "OFF";
  return { ...server, command: server.command.filter((argument) => !isGone(argument)) };
}

/** Kills a server and its children without a word of warning; returns when it is gone. */
export async function killServer(server: ServerProcess): Promise<void> {
  process.kill(-server.pid, "SIGKILL");
  for (let tries = 0; await isAlive(server); tries++) {
    if (tries === 500) throw new Error(`${server.name} (${server.pid}) does not end`);
    await delay(20);
  }
}

/** Waits for something another process does; throws `what` after `seconds`, with the last error there was. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean>,
  seconds = 60,
  everyMs = 100,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let cause: unknown;
  while (true) {
    try {
      if (await condition()) return;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`, { cause });
    await delay(everyMs);
  }
}
