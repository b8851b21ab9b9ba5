import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { RunEvent } from "../../contracts/events.ts";
import type { Shop, ShopPlace } from "../../sandbox/sample/shop.ts";
import type { JobContext, JobOutcome } from "../job.ts";

/** What the acts of the demo have before them. */
export interface Stage {
  readonly config: Config;
  readonly context: JobContext;
  readonly shop: Shop;
  /** Where the shop's tables are, before and after. */
  readonly oldSide: ShopPlace;
  readonly newSide: ShopPlace;
}

/** Runs one act under its headline, and tells how long it took. */
export async function act<T>(context: JobContext, title: string, play: () => Promise<T>): Promise<T> {
  context.stop.check();
  context.emit({ type: "headline", text: title });
  const startedAt = performance.now();
  const result = await play();
  context.emit({ type: "note", text: `(${secondsSince(startedAt)})` });
  return result;
}

export const secondsSince = (startedAt: number): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

/** For jobs within the demo: its summary stays that of the copy, and steps go without the lines that do the same by hand. */
export function within(context: JobContext, emit: (event: RunEvent) => void = context.emit): JobContext {
  return {
    ...context,
    emit: (event) => emit(event.type === "step" ? { ...event, commands: [] } : event),
    report: () => {},
  };
}

/** A job of the demo that must end well. */
export async function succeed(outcome: Promise<JobOutcome>): Promise<void> {
  const { failure } = await outcome;
  if (failure !== null) throw failure;
}

const PATIENCE_SECONDS = 60;

/** Asks until it is so. Returns how long it took. */
export async function untilSeen(context: JobContext, what: string, look: () => Promise<boolean>): Promise<string> {
  const startedAt = performance.now();
  while (!(await look())) {
    context.stop.check();
    if (performance.now() - startedAt > PATIENCE_SECONDS * 1000) throw notSeen(what);
    await sleep(20);
  }
  return secondsSince(startedAt);
}

function notSeen(what: string): VtpipeError {
  return new VtpipeError({
    code: "differ",
    message: `${what} was not seen in ${PATIENCE_SECONDS} s.`,
    now: "The sandbox is taken down; nothing else was touched.",
    todo: "Run the demo again; if it fails again, report it with what it printed.",
  });
}
