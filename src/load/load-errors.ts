import { asVtpipeError, VtpipeError } from "../contracts/errors.ts";
import type { RowBatch } from "../contracts/rows.ts";
import { type KeyReader, rowText } from "./keys.ts";
import type { LoadTable } from "./table.ts";

/** What is being loaded, for naming it in errors. */
export interface LoadPlace {
  readonly table: LoadTable;
  readonly keys: KeyReader | null;
  readonly chunk: string;
}

const partly = (chunk: string): string => `Some rows of chunk ${chunk} may be on the target.`;

function facts({ table, chunk }: LoadPlace, cause: VtpipeError): Record<string, string | number> {
  const errno = cause.context["errno"];
  return { table: table.name, chunk, ...(errno === undefined ? {} : { errno }) };
}

/** vtgate repeats the statement, rows and all, when its own retries have come to an end. */
function said({ message }: VtpipeError): string {
  return message.replace(/query [\s\S]* failed after retries/, "the statement failed after retries");
}

/** Names the row of "… at row 3" in a server's message. */
function culprit(place: LoadPlace, rows: RowBatch, message: string): string {
  const number = Number(/at row (\d+)/.exec(message)?.[1] ?? 0);
  if (number < 1 || number > rows.rows) return "";
  return ` That row is ${rowText(place.table, place.keys, rows, number - 1)}.`;
}

/** ER_DISK_FULL and ER_RECORD_FILE_FULL. */
const full = new Set([1021, 1114]);

function remedyOf({ table }: LoadPlace, cause: VtpipeError): string {
  if (/enforce denied tables/.test(cause.message)) {
    return `Vitess denies writes to ${table.name} while a workflow moves it: lift it with SetShardTabletControl --denied-tables ${table.name} --remove and RefreshStateByShard, then run the same command again.`;
  }
  if (full.has(Number(cause.context["errno"]))) {
    return "Make room on the disk of the shard's server, then run the same command again: it continues exactly.";
  }
  return "Correct the target's table and run the same command again: it continues exactly. Another transform or where is another plan: empty the target's tables and use a new run directory for it.";
}

/** The target refused rows for what they are. */
export function refusedError(place: LoadPlace, rows: RowBatch, error: unknown): VtpipeError {
  const cause = asVtpipeError(error);
  if (cause.code === "interrupted" || cause.code === "internal") return cause;
  return new VtpipeError({
    code: cause.code === "access" ? "access" : "target",
    message: `The target refused rows of table ${place.table.name}: ${said(cause)}${culprit(place, rows, cause.message)}`,
    now: partly(place.chunk),
    todo: remedyOf(place, cause),
    context: facts(place, cause),
  });
}

/** A key is taken although nothing of this chunk can be there yet. */
export function duplicateError(place: LoadPlace, error: unknown): VtpipeError {
  const cause = asVtpipeError(error);
  return new VtpipeError({
    code: "target",
    message: `A row of table ${place.table.name} has a key that is on the target already: ${said(cause)}`,
    now: partly(place.chunk),
    todo: `Either ${place.table.name} was not empty on the target, or two rows get the same key there (a transform of a key column, a collation that takes them for equal). Empty the table or change the transform, and load into a fresh run directory.`,
    context: facts(place, cause),
  });
}

/** Tried often enough. */
export function exhaustedError(place: LoadPlace, error: unknown, failures: number): VtpipeError {
  const cause = asVtpipeError(error);
  return new VtpipeError({
    code: "target",
    message: `Loading table ${place.table.name} was given up after ${failures} tries: ${said(cause)}`,
    now: partly(place.chunk),
    todo: "See why the target does not answer as it should; running the same command again continues exactly.",
    retryable: true,
    context: facts(place, cause),
  });
}

/** The target took the rows but not as they were. */
export function changedError(place: LoadPlace, what: string): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `Rows of table ${place.table.name} were not stored as they were sent: ${what}`,
    now: `Rows of chunk ${place.chunk} are on the target, some of them changed or missing.`,
    todo: "Give the target's column a type that holds the value, empty the table there, and load again into a fresh run directory.",
    context: { table: place.table.name, chunk: place.chunk },
  });
}

/** A row that no statement the target takes can hold. */
export function oversizedError(place: LoadPlace, row: string, bytes: number, limit: number): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `A row of table ${place.table.name} needs a statement of ${bytes} bytes, the target takes ${limit}: ${row}.`,
    now: partly(place.chunk),
    todo: "Raise --grpc-max-message-size on vtgate and vttablet and max_allowed_packet on the shards, or leave the row out with a where.",
    context: { table: place.table.name, chunk: place.chunk, bytes, limit },
  });
}

/** Text that is no UTF-8 would be refused or changed by the server; a transform must have made it. */
export function notUtf8Error(place: LoadPlace, row: string, column: string): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `Column ${column} of table ${place.table.name} holds bytes that are no UTF-8 text: ${row}.`,
    now: partly(place.chunk),
    todo: "Make the transform give UTF-8, or make the column a binary one.",
    context: { table: place.table.name, chunk: place.chunk, column },
  });
}
