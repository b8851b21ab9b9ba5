import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WireError } from "../../src/contracts/errors.ts";
import type { RunEvent, Summary } from "../../src/contracts/events.ts";
import type { LedgerRecord } from "../../src/contracts/ledger.ts";

/** The compiled program, as a user runs it. `npm test` builds it first. */
export const program: string = fileURLToPath(new URL("../../dist/bin/vtpipe.js", import.meta.url));

/** What `schema print`, `plan`, `status` and `inspect` answer with. */
export type ReportEvent = { readonly type: "report"; readonly command: string } & Readonly<Record<string, unknown>>;

export type CliEvent = RunEvent | ReportEvent;

export interface CliResult {
  /** null when it was ended by a signal. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Empty without `--json`. */
  readonly events: readonly CliEvent[];
  readonly summary: Summary | null;
  /** The summary's error, or what stderr says when the command never got to a summary. */
  readonly error: WireError | null;
  readonly stdout: string;
  readonly stderr: string;
  /** How many of the planned signals were sent before it ended. */
  readonly sent: number;
  /** It did not end by itself within `longestMs`, and was ended. */
  readonly hung: boolean;
}

/** A signal and the moment for it. */
export interface PlannedSignal {
  readonly signal: NodeJS.Signals;
  /** Asked after every event and every few milliseconds. */
  when(events: readonly CliEvent[]): boolean;
}

export interface CliOptions {
  readonly cwd?: string;
  /** On top of a bare environment: nothing of the test run's own reaches the program but PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: true. */
  readonly json?: boolean;
  /** It is ended after so many milliseconds; default 110 000. */
  readonly longestMs?: number;
  /** Sent in this order, each once. */
  readonly signals?: readonly PlannedSignal[];
  /** Told the program's process id. */
  onStart?(pid: number): void;
  /** Called while the program works, with each event. */
  onEvent?(event: CliEvent): void;
}

/** Longer than a usual test's program takes; then it is ended rather than left behind. */
const usualLongestMs = 110_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Runs `vtpipe` to its end. */
export function vtpipe(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const json = options.json ?? true;
  const child = spawn(process.execPath, [program, ...args, ...(json ? ["--json"] : [])], {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const events: CliEvent[] = [];
  const signals = [...(options.signals ?? [])];
  const sendDue = (): void => {
    if (signals[0]?.when(events)) child.kill(signals.shift()?.signal);
  };
  const ticking = signals.length > 0 ? setInterval(sendDue, 4) : undefined;
  let hung = false;
  const deadline = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, options.longestMs ?? usualLongestMs);

  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  let rest = "";
  child.stdout.on("data", (bytes: Buffer) => {
    out.push(bytes);
    if (!json) return;
    const lines = (rest + bytes.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      // Rows that `inspect` shows are JSON lines too, but no events.
      const event = JSON.parse(line) as CliEvent;
      events.push(event);
      options.onEvent?.(event);
      sendDue();
    }
  });
  child.stderr.on("data", (bytes: Buffer) => errors.push(bytes));

  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode, signal) => {
      clearInterval(ticking);
      clearTimeout(deadline);
      running.delete(child);
      const stderr = Buffer.concat(errors).toString("utf8");
      const stdout = Buffer.concat(out).toString("utf8");
      const summary = events.find((event): event is Summary => event.type === "summary") ?? null;
      const sent = (options.signals?.length ?? 0) - signals.length;
      const error = summary?.error ?? null;
      resolve({ exitCode, signal, events, summary, error, stdout, stderr, sent, hung });
    });
  });
}

/** A moment: the n-th event of a type was printed. */
export function afterEvents(type: CliEvent["type"], count: number): PlannedSignal["when"] {
  return (events) => events.filter((event) => event.type === type).length >= count;
}

/** A moment: the run directory's ledger holds this many records of a type. */
export function afterRecords(directory: string, type: LedgerRecord["type"], count: number): PlannedSignal["when"] {
  return () => recordsOf(directory).filter((record) => record.type === type).length >= count;
}

/** A moment: this many milliseconds after another. For kills at any point, where no record marks it. */
export function later(milliseconds: number, when: PlannedSignal["when"]): PlannedSignal["when"] {
  let since: number | null = null;
  return (events) => {
    if (since === null && when(events)) since = performance.now();
    return since !== null && performance.now() - since >= milliseconds;
  };
}

/** The whole records of a ledger, in order; none while there is no ledger. */
export function recordsOf(directory: string): LedgerRecord[] {
  let text: string;
  try {
    text = readFileSync(join(directory, "ledger.jsonl"), "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line.slice(line.indexOf("{"))) as LedgerRecord);
}
