import type { VtpipeError } from "../contracts/errors.ts";

/** For watchers that find a reason to end the copy: it ends with the first error rung. */
export interface Alarm {
  ring(error: VtpipeError): void;
  /** Called with what was rung, at once if it has been. */
  onRing(listener: (error: VtpipeError) => void): void;
}

export function newAlarm(): Alarm {
  let rung: VtpipeError | null = null;
  const listeners: ((error: VtpipeError) => void)[] = [];
  return {
    ring(error) {
      if (rung !== null) return;
      rung = error;
      for (const listener of listeners) listener(error);
    },
    onRing(listener) {
      listeners.push(listener);
      if (rung !== null) listener(rung);
    },
  };
}
