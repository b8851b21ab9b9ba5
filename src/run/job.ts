import type { VtpipeError, WireError } from "../contracts/errors.ts";
import type { EventSink, Summary, TableSummary } from "../contracts/events.ts";
import type { Position } from "../contracts/position.ts";
import type { StopSignal } from "./stop-signal.ts";

/** What a job is given: where its events go and how it learns that it should stop. */
export interface JobContext {
  readonly emit: EventSink;
  readonly stop: StopSignal;
  /** Tells what is known so far, for the summary of a job that fails later. */
  report(partial: Partial<JobOutcome>): void;
  /** Texts that must never be shown: passwords and salts of the config. */
  keepSecret(secrets: readonly string[]): void;
  /** Shows a command's own result: the value itself with --json, its text otherwise. */
  print(value: object, text: () => string): void;
}

/** What a job came to. `failure` is for jobs that ended in order but with a bad result, such as tables that differ. */
export interface JobOutcome {
  readonly tables: readonly TableSummary[];
  readonly position: Position;
  readonly lockMs: number | null;
  readonly directory: string | null;
  readonly target: Summary["target"];
  /** Seconds spent copying rows, for the speed figures; 0 when no rows were moved. */
  readonly copySeconds: number;
  readonly rowsCopied: number;
  readonly bytesCopied: number;
  readonly failure: VtpipeError | null;
}

export const emptyOutcome: JobOutcome = {
  tables: [],
  position: null,
  lockMs: null,
  directory: null,
  target: null,
  copySeconds: 0,
  rowsCopied: 0,
  bytesCopied: 0,
  failure: null,
};

export function summaryOf(command: string, outcome: JobOutcome, startedAt: number, error: WireError | null): Summary {
  const perSecond = (amount: number): number => (outcome.copySeconds > 0 ? amount / outcome.copySeconds : 0);
  return {
    type: "summary",
    command,
    ok: error === null,
    error,
    tables: outcome.tables,
    position: outcome.position,
    lockMs: outcome.lockMs,
    seconds: (Date.now() - startedAt) / 1000,
    rowsPerSecond: perSecond(outcome.rowsCopied),
    bytesPerSecond: perSecond(outcome.bytesCopied),
    // maxRSS is in KiB on every platform Node runs on.
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    directory: outcome.directory,
    target: outcome.target,
  };
}
