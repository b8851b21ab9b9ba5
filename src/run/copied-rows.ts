import { VtpipeError } from "../contracts/errors.ts";
import type { CopiedRows } from "../handoff/plan.ts";
import { chunksByTable, type RunState, rowsOf } from "./run-state.ts";

/** What the run directory says was copied to the target; refuses a copy that is not there in full. */
export function copiedRows({ directory, manifest, journal }: RunState, target: string): CopiedRows {
  const unloaded = manifest.chunks.filter(({ chunk }) => journal.loadState(target, chunk) !== "loaded");
  if (!manifest.complete || unloaded.length > 0) {
    throw new VtpipeError({
      code: "preflight",
      message: manifest.complete
        ? `${unloaded.length} of the ${manifest.chunks.length} chunks in ${directory.path} are not on ${target}.`
        : `The copy in ${directory.path} is not complete.`,
      now: "Nothing was changed.",
      todo: "Finish the copy first, with the same `vtpipe run` again.",
      context: { directory: directory.path },
    });
  }
  const positions = new Map(manifest.snapshots.map(({ id, position }) => [id, position]));
  const at = (snapshot: number): string => positions.get(snapshot) ?? noPosition(directory.path);
  // Not by spreading: a large database has more chunks than a call may have arguments.
  const newest = manifest.chunks.reduce((last, { snapshot }) => Math.max(last, snapshot), 0);
  const byTable = chunksByTable(manifest);
  return {
    position: at(newest),
    chunks: manifest.chunks.map(({ table, range, snapshot }) => ({ table, range, position: at(snapshot) })),
    rows: new Map(manifest.tables.map(({ source }) => [source, rowsOf(byTable.get(source) ?? [])])),
  };
}

function noPosition(directory: string): never {
  throw new VtpipeError({
    code: "preflight",
    message: `The snapshot in ${directory} has no position: the source has GTIDs off.`,
    now: "Nothing was changed.",
    todo: "Turn gtid_mode on at the source and copy again; what carries the rows on starts at a GTID position.",
    context: { directory },
  });
}
