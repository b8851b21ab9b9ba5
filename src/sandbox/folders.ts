import { chmod, mkdir, mkdtemp } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** Where servers and sandboxes live, outside any repository: `$VTPIPE_CACHE`, `$XDG_CACHE_HOME/vtpipe` or `~/.cache/vtpipe`. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env["VTPIPE_CACHE"]) return env["VTPIPE_CACHE"];
  if (env["XDG_CACHE_HOME"]) return join(env["XDG_CACHE_HOME"], "vtpipe");
  return join(homedir(), ".cache", "vtpipe");
}

/** The data folder of the sandbox of that name. */
export function sandboxDirectory(name: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheDirectory(env), "sandbox", name);
}

/**
 * A Unix socket's path may be 107 bytes long (sun_path of unix(7), less its NUL; 103 on macOS), so a temporary
 * folder whose own path is longer than this leaves no room for our names below it.
 */
const LONGEST_TEMPORARY_PATH = 60;

/**
 * A new short folder for sockets, and for what servers that run as another user must reach: the cache folder of
 * root is closed to them. Everyone may pass through it, only its owner may list or write it.
 */
export async function makeRuntimeDirectory(): Promise<string> {
  const root = Buffer.byteLength(tmpdir()) <= LONGEST_TEMPORARY_PATH ? tmpdir() : "/tmp";
  const directory = await mkdtemp(join(root, "vtpipe-"));
  await chmod(directory, 0o711);
  return directory;
}

/** Creates a folder for its owner alone. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
}
