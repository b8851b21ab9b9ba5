import { VtpipeError } from "../../contracts/errors.ts";
import type { StopSignal } from "../stop-signal.ts";

/** Throws `interrupted` once a stop was requested; `now` says what the bench has done to servers. */
export function checkStopped(stop: StopSignal, now: string): void {
  if (!stop.requested) return;
  throw new VtpipeError({
    code: "interrupted",
    message: "The bench was stopped on request.",
    now,
    todo: "Run it again: a bench keeps no half of its figures.",
  });
}
