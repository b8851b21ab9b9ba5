import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config/config.ts";
import { asVtpipeError, VtpipeError } from "../../contracts/errors.ts";
import type { HandoffStatus, Until } from "../../contracts/handoff-status.ts";
import { reached, statusChanges } from "../../handoff/until.ts";
import { type HandoffWatch, openHandoffWatch } from "../handoff/watching.ts";
import { emptyOutcome, type JobContext, type JobOutcome } from "../job.ts";

export interface WatchOptions {
  /** Seconds between two looks. */
  readonly every: number;
  /** null: until a stop is asked for. */
  readonly until: Until | null;
  /** Seconds after which waiting for `until` is given up. */
  readonly timeout: number;
}

/** Servers may be away for so long while somebody watches. */
const LONGEST_AWAY_SECONDS = 900;
/** The longest pause between two tries while they are. */
const LONGEST_PAUSE_SECONDS = 30;

/** Shows a handoff again and again, as one `handoff` event per look. Changes nothing. */
export async function watchJob(config: Config, options: WatchOptions, context: JobContext): Promise<JobOutcome> {
  const outcome: JobOutcome = { ...emptyOutcome, directory: config.directory, target: "vitess" };
  const giveUpAt = options.until === null ? Number.POSITIVE_INFINITY : Date.now() + options.timeout * 1000;
  const watch = newPatientWatch(config, context);
  try {
    let last: HandoffStatus | null = null;
    while (!context.stop.requested) {
      const status = await watch.look();
      if (status === null) break;
      for (const text of last === null ? [] : statusChanges(last, status)) context.emit({ type: "note", text });
      context.emit({ type: "handoff", status });
      last = status;
      const arrived = options.until === null ? null : reached(status, options.until);
      if (arrived?.kind === "yes") return outcome;
      if (arrived?.kind === "never") return { ...outcome, failure: inVain(options, arrived.why) };
      if (Date.now() > giveUpAt) return { ...outcome, failure: inVain(options, `${options.timeout} s have passed.`) };
      await sleep(Math.max(options.every, watch.pauseSeconds) * 1000, undefined, { signal: context.stop.signal }).catch(
        () => {},
      );
    }
    // Whoever only watches ends it so; whoever waits for something did not get it.
    if (options.until !== null) context.stop.check();
    return outcome;
  } finally {
    await watch[Symbol.asyncDispose]();
  }
}

interface PatientWatch extends AsyncDisposable {
  /** What is there, or what was last known with who is away; null: a stop was asked for. */
  look(): Promise<HandoffStatus | null>;
  readonly pauseSeconds: number;
}

/** A watch that goes on when servers are away, for a limited time. */
function newPatientWatch(config: Config, context: JobContext): PatientWatch {
  let watch: (HandoffWatch & AsyncDisposable) | null = null;
  let known: HandoffStatus | null = null;
  let awaySince: number | null = null;
  let pauseSeconds = 0;

  async function look(): Promise<HandoffStatus | null> {
    try {
      watch ??= await openHandoffWatch(config, context.stop.signal);
      known = await watch.look();
      awaySince = null;
      pauseSeconds = 0;
      return known;
    } catch (thrown) {
      if (context.stop.requested) return null;
      const error = asVtpipeError(thrown);
      awaySince ??= Date.now();
      if (!maybePassing(error, known !== null) || Date.now() - awaySince > LONGEST_AWAY_SECONDS * 1000) throw error;
      pauseSeconds = Math.min(LONGEST_PAUSE_SECONDS, pauseSeconds * 2 || 1);
      const away = { since: new Date(awaySince).toISOString(), what: error.message };
      return { ...(known ?? nothingKnown), at: new Date().toISOString(), away };
    }
  }
  return {
    look,
    get pauseSeconds() {
      return pauseSeconds;
    },
    [Symbol.asyncDispose]: async () => watch?.[Symbol.asyncDispose](),
  };
}

const nothingKnown: Omit<HandoffStatus, "at" | "away"> = { lanes: [], workflows: [], binlogs: [] };

/** Once everything has worked, a failure is most likely a server that is restarted; before that, rather a wrong config. */
function maybePassing({ code, retryable }: VtpipeError, worked: boolean): boolean {
  return worked ? code === "unreachable" || code === "target" || code === "preflight" : retryable;
}

function inVain({ until }: WatchOptions, why: string): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `Waited for the handoff to be ${until}, in vain: ${why}`,
    now: "Nothing was changed; the streams do what they did.",
    todo: "Look at `vtpipe status --watch`, which names what is in the way.",
  });
}
