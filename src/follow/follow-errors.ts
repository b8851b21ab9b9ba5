import { asVtpipeError, VtpipeError } from "../contracts/errors.ts";
import { followTable } from "./follow-table.ts";

const now = "Every change before it is on the target, none after it; the position there says so.";

/** The target does not hold what it must by the log; following cannot go on exactly. */
export function diverged(table: string, shard: string, key: string, what: string): VtpipeError {
  return new VtpipeError({
    code: "differ",
    message: `Table ${table} on shard ${shard} is not what the source's log says: ${what} (${key}).`,
    now,
    todo: `Somebody else has written to ${table} on the target, or rows got one key by a transform. Put the row right there as the source had it and run the same command again, or copy the table again into an empty one.`,
    context: { table, shard, key },
  });
}

/** Another process writes the shard's position. */
export function takenOver(shard: string): VtpipeError {
  return new VtpipeError({
    code: "busy",
    message: `Another \`vtpipe follow\` of this copy has taken over on shard ${shard}.`,
    now: "What this one had under way there was rolled back; the other one goes on from where this one was.",
    todo: "Let one process follow. To go on with this one, stop the other and run the same command again.",
    context: { shard },
  });
}

/** The line has gone from under us. */
export function lineGone(shard: string, copy: string): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `The position of this copy is no longer in ${followTable(copy)} on shard ${shard}.`,
    now: "What was under way there was rolled back. How far the shard is, is not written anywhere any more.",
    todo: "If `vtpipe follow --finish` was run elsewhere, the copy is done with. Otherwise copy the tables again into empty ones.",
    context: { shard },
  });
}

/** The target refused a statement for what is in it. */
export function refusedChange(table: string, shard: string, error: unknown): VtpipeError {
  const cause = asVtpipeError(error);
  if (cause.code === "interrupted" || cause.code === "internal" || cause.code === "differ") return cause;
  const errno = cause.context["errno"];
  const denied = /enforce denied tables/.test(cause.message);
  return new VtpipeError({
    code: cause.code === "access" ? "access" : "target",
    message: `Shard ${shard} refused changes of table ${table}: ${cause.message}`,
    now,
    todo: denied
      ? `Vitess denies writes to ${table} while a workflow moves it: lift it with SetShardTabletControl --denied-tables ${table} --remove and RefreshStateByShard, then run the same command again.`
      : "Correct what it names and run the same command again: it goes on exactly there.",
    context: { table, shard, ...(errno === undefined ? {} : { errno }) },
    cause,
  });
}

/** Tried often enough. */
export function exhausted(shard: string, error: unknown, failures: number): VtpipeError {
  const cause = asVtpipeError(error);
  return new VtpipeError({
    code: "target",
    message: `Following was given up after ${failures} tries on shard ${shard}: ${cause.message}`,
    now,
    todo: "See why the target does not answer as it should; running the same command again goes on exactly.",
    retryable: true,
    context: { shard },
    cause,
  });
}
