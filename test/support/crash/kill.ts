import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type CliEvent, type CliResult, later, type PlannedSignal } from "../cli.ts";
import type { Kill } from "./cells.ts";
import { Fault } from "./fault.ts";

/** The signals of a kill, for a program that is about to be started. `directory` is where its ledger is or will be. */
export function signalsOf({ signals, kind, nth, delayMs }: Kill, directory: string): PlannedSignal[] {
  const when = later(delayMs, moment(kind, nth, directory));
  if (signals !== "SIGINT twice") return [{ signal: signals, when }];
  return [
    { signal: "SIGINT", when },
    { signal: "SIGINT", when: (events) => events.some(isStopping) },
  ];
}

const isStopping = (event: CliEvent): boolean => event.type === "note" && event.text.startsWith("Stopping: ");

function moment(kind: Kill["kind"], nth: number, directory: string): PlannedSignal["when"] {
  const [what, type] = kind.split(" ");
  if (what === "start") return () => true;
  if (what === "event") return (events) => events.filter((event) => event.type === type).length >= nth;
  const before = recordsIn(directory, type ?? "");
  return () => recordsIn(directory, type ?? "") >= before + nth;
}

/** Records of a type in the ledger. It is asked every few milliseconds, so the file is not parsed. */
function recordsIn(directory: string, type: string): number {
  try {
    return readFileSync(join(directory, "ledger.jsonl"), "latin1").split(` {"type":"${type}",`).length - 1;
  } catch {
    return 0;
  }
}

/**
 * How a program that was to be killed has ended: by the signal, while it was at work, or by itself before the signal could end
 * it. Throws when it ended in any other way, and when what it said of its end is not what it promises.
 */
export function endOf({ signals, kind }: Kill, result: CliResult): "killed" | "too late" {
  if (result.hung) throw new Fault("hung", "the program did not come to its end");
  if (/^\s+at /m.test(result.stderr)) throw new Fault("other", `stderr has a stack:\n${result.stderr}`);
  if (result.exitCode === 0 || result.summary?.ok) return "too late";
  if (result.sent === 0) throw new Fault("other", `it failed by itself: ${whatHappened(result)}`);
  if (signals === "SIGKILL") {
    if (result.signal === "SIGKILL") return "killed";
    throw new Fault("other", `it was to be killed and failed by itself: ${whatHappened(result)}`);
  }
  // Node takes half a second to begin; until then a signal does what it does to any program.
  if (kind === "start" && result.signal !== null && result.events.length === 0) return "killed";
  if (result.exitCode !== 130) throw new Fault("other", `${signals} ended it with ${whatHappened(result)}`);
  expect(result.error?.code).toBe("interrupted");
  expect(result.error?.now).not.toBe("");
  expect(result.error?.todo).toMatch(/Run the same command again/);
  expect(result.summary?.ok).toBe(false);
  expect(result.events.at(-1)?.type, "the last line is the summary").toBe("summary");
  const told = result.events.filter(isStopping).map((event) => (event.type === "note" ? event.text : ""));
  expect(told).toEqual([expect.stringContaining("Once more to stop at once")]);
  return "killed";
}

/** The result of a command that must succeed. */
export function expectSuccess(what: string, result: CliResult): void {
  if (result.hung) throw new Fault("hung", `${what} did not come to its end`);
  if (result.exitCode !== 0) throw new Fault("other", `${what} ended with ${whatHappened(result)}`);
}

function whatHappened({ exitCode, signal, error, stderr }: CliResult): string {
  const why = error === null ? stderr : `${error.code}: ${error.message} ${error.now} ${error.todo}`;
  return `${signal ?? `exit code ${exitCode}`}: ${why}`;
}
