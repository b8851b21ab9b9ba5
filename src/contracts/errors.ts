/**
 * Every refusal and failure vtpipe reports. A closed list: `exitCodeOf` and the troubleshooting page
 * of the README switch over it.
 */
export const errorCodes = [
  "usage", // the command line is wrong
  "config", // the config file, environment or an option is wrong
  "unreachable", // a server could not be connected to
  "access", // a server refused the login, TLS, or a privilege is missing
  "preflight", // the source or target is not in a state in which the job could succeed
  "source", // reading the source failed
  "snapshot", // no consistent snapshot could be had, or it was lost
  "transform", // a transform refused a row or could not be built
  "target", // the target refused or failed a statement
  "files", // a chunk file, manifest, ledger or the run directory is damaged or unreadable
  "disk", // the local disk is full or not writable
  "busy", // another run holds the run directory
  "plan-changed", // the run directory belongs to a different plan
  "differ", // source rows and target rows are not equal
  "leak", // values that transforms hide are in the files
  "interrupted", // stopped on request; resumable
  "internal", // a bug in vtpipe
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** What is known when an error is raised. Every text is a full sentence for a person. */
export interface ErrorDetails {
  readonly code: ErrorCode;
  /** What went wrong, naming the thing: host, table, column, file, frame, key. */
  readonly message: string;
  /** What is true now: "Nothing was changed.", "Rows 1..n are on the target.", … */
  readonly now: string;
  /** What the user can do about it. */
  readonly todo: string;
  /** May the same operation succeed when simply tried again? */
  readonly retryable?: boolean;
  /** Facts for machines: table, chunk, column, key, file, host, errno, grant. Never a secret, never row data beyond keys. */
  readonly context?: Readonly<Record<string, string | number>>;
  readonly cause?: unknown;
}

/** A failure that says what is true now, why, and what to do. */
export class VtpipeError extends Error {
  override readonly name: string = "VtpipeError";
  readonly code: ErrorCode;
  readonly now: string;
  readonly todo: string;
  readonly retryable: boolean;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.now = details.now;
    this.todo = details.todo;
    this.retryable = details.retryable ?? false;
    this.context = details.context ?? {};
  }
}

/** Plain data form of an error, for crossing a thread boundary: structured clone drops class, code and own properties. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly now: string;
  readonly todo: string;
  readonly retryable: boolean;
  readonly context: Readonly<Record<string, string | number>>;
  readonly stack: string | undefined;
}

/** Turns anything thrown into plain data; a foreign error becomes `internal` with its own message. */
export function toWire(error: unknown): WireError {
  if (error instanceof VtpipeError) {
    const { code, message, now, todo, retryable, context, stack } = error;
    return { code, message, now, todo, retryable, context, stack };
  }
  const foreign = error instanceof Error ? error : new Error(String(error));
  return {
    code: "internal",
    message: foreign.message,
    now: "The step that failed was not recorded as done.",
    todo: "Run the same command again; if it fails again, report this as a bug with the stack.",
    retryable: false,
    context: {},
    stack: foreign.stack,
  };
}

/** The inverse of {@link toWire}. */
export function fromWire(wire: WireError): VtpipeError {
  const error = new VtpipeError(wire);
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

/** Any thrown value as a VtpipeError. */
export function asVtpipeError(error: unknown): VtpipeError {
  return error instanceof VtpipeError ? error : Object.assign(fromWire(toWire(error)), { cause: error });
}

/** Process exit codes: 0 done, 1 failed, 2 bad usage or config, 3 data differ or leak, 130 interrupted and resumable. */
export function exitCodeOf(code: ErrorCode): 1 | 2 | 3 | 130 {
  switch (code) {
    case "usage":
    case "config":
      return 2;
    case "differ":
    case "leak":
      return 3;
    case "interrupted":
      return 130;
    default:
      return 1;
  }
}
