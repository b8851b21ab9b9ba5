import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const names = ["etcd", "vtctld", "vtctldclient", "vttablet", "vtgate"] as const;

export interface VitessBinaries extends Readonly<Record<(typeof names)[number], string>> {
  /** e.g. "24.0.0-SNAPSHOT" */
  readonly version: string;
}

/** Looks for each program in the folder VTPIPE_VITESS_BIN names and then on PATH. `missing` names what is in neither. */
export async function findVitess(
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ binaries: VitessBinaries | null; missing: string[] }> {
  const folders = [env["VTPIPE_VITESS_BIN"] ?? "", ...(env["PATH"] ?? "").split(delimiter)].filter(Boolean);
  const found = new Map<string, string>();
  for (const name of names) {
    const path = await firstExecutable(folders.map((folder) => join(folder, name)));
    if (path !== null) found.set(name, path);
  }
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) return { binaries: null, missing };
  const paths = Object.fromEntries(found) as Record<(typeof names)[number], string>;
  const { stdout, stderr } = await promisify(execFile)(paths.vtgate, ["--version"]);
  return { binaries: { ...paths, version: parseVitessVersion(`${stdout}${stderr}`) }, missing: [] };
}

/** Version from what `vtgate --version` prints: "vtgate version Version: 24.0.0-SNAPSHOT (Git revision …". */
export function parseVitessVersion(text: string): string {
  return /Version: (\S+)/.exec(text)?.[1] ?? "of unknown version";
}

async function firstExecutable(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return null;
}
