import { realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { VtpipeError } from "../contracts/errors.ts";
import { isMissing, unreadable } from "./file-errors.ts";
import { isPlainRelative } from "./relative-path.ts";

/**
 * The absolute path of `relative` below `root` (itself absolute and real). Refuses what is no plain relative path and
 * what symbolic links lead out of the root: a manifest may come from elsewhere. What does not exist yet is judged by the
 * nearest folder that does.
 */
export async function pathInside(root: string, relative: string): Promise<string> {
  if (!isPlainRelative(relative)) throw leadsOut(root, relative);
  const path = join(root, ...relative.split("/"));
  for (let existing = path; existing.length > root.length; existing = dirname(existing)) {
    try {
      if (!`${await realpath(existing)}${sep}`.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) {
        throw leadsOut(root, relative);
      }
      break;
    } catch (error) {
      if (!isMissing(error)) throw unreadable(existing, error);
    }
  }
  return path;
}

function leadsOut(root: string, relative: string): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `The path ${JSON.stringify(relative)} does not stay inside the run directory ${root}.`,
    now: "No file was opened by that path.",
    todo: "Use a manifest written by vtpipe, and no symbolic links to places outside of the run directory.",
    context: { file: relative, directory: root },
  });
}
