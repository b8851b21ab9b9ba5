import { rm } from "node:fs/promises";
import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import { type LimitChanges, type Limits, noLimits } from "../../contracts/limits.ts";
import type { Problem } from "../../contracts/problems.ts";
import { openRunDirectory } from "../../store/run-directory.ts";
import { emptyOutcome, type JobOutcome } from "../job.ts";
import { checkChanges, limitsWith, readLimitChanges, writeLimitChanges } from "../limits/limits-file.ts";

/** What `vtpipe limits` is asked to do. `written`: values as they stand on the command line, by their names in the config. */
export interface LimitWishes {
  readonly written: Readonly<Record<string, string | undefined>>;
  readonly pause: boolean;
  readonly resume: boolean;
  readonly reset: boolean;
}

export interface LimitsReport {
  readonly directory: string;
  /** What holds: the config's and, on top, what was changed. */
  readonly limits: Limits;
  /** `unknown`: no config was given, so that `limits` has the changes only. */
  readonly startedWith: "config" | "unknown";
  /** What was changed since the run was started. */
  readonly changes: LimitChanges;
  readonly paused: boolean;
}

/**
 * Shows a run directory's limits, and changes them first if that is asked for. Needs no lock: a run that is at work reads the
 * file again and again.
 */
export async function limitsJob(
  path: string,
  config: Config | null,
  wishes: LimitWishes,
): Promise<{ readonly report: LimitsReport; readonly outcome: JobOutcome }> {
  if (wishes.pause && wishes.resume) throw refusal("--pause and --resume exclude each other.", "Give one of them.");
  const wanted = changesOf(wishes);
  const directory = await openRunDirectory(path);
  const { limitsFile } = directory;
  if (wishes.reset) await rm(limitsFile, { force: true });
  const before = (await readLimitChanges(limitsFile)) ?? {};
  const changes: LimitChanges = { ...before, ...wanted };
  if (Object.keys(wanted).length > 0) await writeLimitChanges(limitsFile, changes);
  const report: LimitsReport = {
    directory: directory.path,
    limits: limitsWith(config?.limits ?? noLimits, changes),
    startedWith: config === null ? "unknown" : "config",
    changes,
    paused: changes.paused ?? false,
  };
  return { report, outcome: { ...emptyOutcome, directory: directory.path } };
}

/** Throws `usage` with every value that is not as its limit takes it. */
function changesOf({ written, pause, resume }: LimitWishes): LimitChanges {
  const values = Object.entries(written).flatMap(([name, text]): [string, unknown][] =>
    text === undefined ? [] : [[name, meant(text)]],
  );
  const pausing = pause || resume ? { paused: pause } : {};
  const { changes, problems } = checkChanges({ ...Object.fromEntries(values), ...pausing });
  if (changes !== null) return changes;
  throw refusal(`No limit: ${problems.map(optionText).join(" ")}`, "See `vtpipe limits --help`.");
}

function meant(text: string): unknown {
  if (text === "none") return null;
  return text === "on" ? true : text === "off" ? false : text;
}

/** By the option's own name: `sourceLagSeconds` is `--source-lag`. */
function optionText({ path, text }: Problem): string {
  const option = path.replace(/(Seconds|Length)$/, "").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${option}: ${text}`;
}

function refusal(message: string, todo: string): VtpipeError {
  return new VtpipeError({ code: "usage", message, now: "Nothing was changed.", todo });
}
