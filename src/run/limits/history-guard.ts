import { VtpipeError } from "../../contracts/errors.ts";

/** So much undo is worth a warning when nobody has set a limit: VReplication does not begin a copy above it either. */
const longHistory = 1_000_000;

/** What a history list of this length calls for. Pausing would not shorten it: only the end of the snapshot does. */
export function judgeHistory(length: number, most: number | null): "fine" | "warn" | "end" {
  if (most !== null && length > most) return "end";
  return length > (most === null ? longHistory : most / 2) ? "warn" : "fine";
}

export const historyWarning = (length: number): string =>
  `The source's history list is ${length} long: it keeps undo for the snapshot that is read, and statements there may become slower.`;

export const historyUnseen =
  "The source's history list cannot be seen, which takes PROCESS: limits.historyListLength guards nothing.";

export function tooLongHistory(length: number, most: number): VtpipeError {
  return new VtpipeError({
    code: "source",
    message: `The source's history list is ${length} long, limit ${most} (limits.historyListLength): it keeps undo for the snapshot of this run.`,
    now: "The snapshot was given up, so that the source can purge; every finished chunk is recorded.",
    todo: "Run the same command again once the list is short again: what is missing is read at a new snapshot. More workers, a replica as source or a higher limit let a run end sooner.",
    retryable: true,
    context: { historyListLength: length },
  });
}
