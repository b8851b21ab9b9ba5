import { redactor } from "../src/config/redactor.ts";
import { asVtpipeError, exitCodeOf, toWire } from "../src/contracts/errors.ts";
import type { EventSink } from "../src/contracts/events.ts";
import { emptyOutcome, type JobContext, type JobOutcome, summaryOf } from "../src/run/job.ts";
import { interrupted, newStopSignal } from "../src/run/stop-signal.ts";
import { jsonRenderer, liveRenderer, plainRenderer } from "./render/renderer.ts";
import { errorText } from "./render/summary.ts";

/** Options that every command has. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** What a command prints besides its result. */
export interface Shown {
  /** `failure`: only where a job fails does its output end in a summary. */
  readonly summary: boolean | "failure";
  /** The result is text that another program reads, SQL for one: it has standard output to itself, events go to stderr. */
  readonly forPrograms?: boolean;
}

/**
 * Runs one command's job: chooses how to show it, turns Ctrl-C into a stop request, prints the summary and sets the
 * exit code. The only place where an error becomes text.
 */
export async function runJob(
  command: string,
  options: OutputOptions,
  job: (context: JobContext) => Promise<JobOutcome>,
  show: Shown = { summary: true },
): Promise<void> {
  let redact = (text: string): string => text;
  const write = (text: string): void => {
    process.stdout.write(redact(text));
  };
  const aside = (text: string): void => {
    process.stderr.write(redact(text));
  };
  const emit = rendererFor(options, show.forPrograms ? aside : write);
  const stop = newStopSignal();
  const startedAt = Date.now();
  const onSignal = (): void => {
    if (stop.request() === "stop") {
      // Everything recorded is on disk already; the servers roll back what was in flight.
      if (show.summary && options.json) emit(summaryOf(command, outcome, startedAt, toWire(interrupted())));
      process.exit(exitCodeOf("interrupted"));
    }
    emit({
      type: "note",
      text: "Stopping: statements in flight are finished and recorded. Once more to stop at once.",
    });
  };
  process.stdout.on("error", onClosedOutput);
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  let outcome: JobOutcome = emptyOutcome;
  const context: JobContext = {
    emit,
    stop,
    // What is known survives a failure, so that the summary still tells how far it came.
    report: (partial) => {
      outcome = { ...outcome, ...partial };
    },
    keepSecret: (secrets) => {
      redact = redactor(secrets);
    },
    print: (value, text) => {
      write(options.json ? `${JSON.stringify({ type: "report", command, ...value })}\n` : `${text()}\n`);
    },
  };
  try {
    outcome = await job(context);
    if (outcome.failure !== null) throw outcome.failure;
    if (show.summary === true) emit(summaryOf(command, outcome, startedAt, null));
  } catch (thrown) {
    const error = asVtpipeError(thrown);
    process.exitCode = exitCodeOf(error.code);
    const summary = summaryOf(command, outcome, startedAt, toWire(error));
    // People find the error where errors are looked for; machines find it in the summary, too.
    if (!options.json) process.stderr.write(redact(`${errorText(error)}\n`));
    if (show.summary) emit(options.json ? summary : { ...summary, error: null });
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

/** Whoever read our output has gone (`vtpipe … | head`). There is nobody left to tell, so this ends like a kill: resumable. */
function onClosedOutput(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCodeOf("interrupted"));
}

function rendererFor(options: OutputOptions, write: (text: string) => void): EventSink {
  if (options.json) return jsonRenderer(write);
  return process.stdout.isTTY ? liveRenderer(write) : plainRenderer(write);
}
