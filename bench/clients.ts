import { access, constants, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import type { MysqlHome } from "../src/sandbox/mysql-home.ts";

/** A client program of a MySQL home and the arguments each start of it needs; null when it is not there. */
export async function clientOf(home: MysqlHome, name: string): Promise<readonly string[] | null> {
  const at = home.mysqld.findIndex((word) => word.endsWith("/mysqld"));
  const folder = dirname(home.mysqld[at] ?? "");
  const places = [join(folder, "../bin", name), join(folder, name)];
  for (const path of places) {
    if (await isProgram(path)) return [...home.mysqld.slice(0, at), path];
  }
  const path = await programOnPath(name);
  return path === null ? null : [path];
}

/** Arguments that an unpacked client needs to find its character sets; none for an installed one. */
export function clientArguments(home: MysqlHome): readonly string[] {
  return home.mysqld.filter((word) => word.startsWith("--character-sets-dir="));
}

export async function programOnPath(name: string): Promise<string | null> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter).filter(Boolean)) {
    if (await isProgram(join(folder, name))) return join(folder, name);
  }
  return null;
}

/** How a client reaches a server: by socket, or by host and port. */
export interface ClientLogin {
  readonly user: string;
  readonly password: string;
  readonly socket?: string;
  readonly host?: string;
  readonly port?: number;
}

/** Writes an options file, so that no password is on a command line. mydumper reads a group of its own. */
export async function writeOptionsFile(path: string, login: ClientLogin): Promise<void> {
  const settings = Object.entries(login).map(([name, value]) => `${name}="${value}"`);
  const group = (name: string): string => [`[${name}]`, ...settings, ""].join("\n");
  await writeFile(path, ["client", "mydumper"].map(group).join("\n"), { mode: 0o600 });
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
