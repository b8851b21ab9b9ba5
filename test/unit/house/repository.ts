import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";

/** The repository's root folder. */
export const root: string = resolve(import.meta.dirname, "../../..");

/** Files below a folder of the repository, as paths from its root with `/`. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .toSorted();
}

/** Folders below a folder of the repository, itself included. */
export function foldersBelow(folder: string): string[] {
  const below = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
  return [folder, ...below].toSorted();
}

/** Runs one of the project's own tools and gives what it printed, whatever its exit code. */
export function toolOutput(tool: string, args: readonly string[], folder: string): string {
  try {
    return execFileSync(tool, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? "");
  }
}
