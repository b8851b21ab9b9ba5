import { newPaceController, type PaceChange, type PaceController } from "../../src/load/pace.ts";
import type { Pace, PaceBounds } from "../../src/load/pace-bounds.ts";
import type { Refusal } from "../../src/load/trouble.ts";
import { randomNumbers } from "./random-numbers.ts";

/** What a made-up target does with a statement: how long its answer takes, and whether it refuses it. */
export interface PacedTarget {
  milliseconds(pace: Pace, at: number): number;
  refuses?(pace: Pace, inFlight: number, at: number): Refusal | null;
}

export const mebibyte = 1 << 20;

export const usualPace: PaceBounds = {
  sessions: { start: 2, max: 8 },
  rows: { min: 100, max: 4000 },
  bytes: { min: 64 * 1024, max: 4 * mebibyte },
  memory: 64 * mebibyte,
};

/** Sends rows of `rowBytes` to a made-up target, in made-up time, always as many statements at once as the pace says. */
export function drive(target: PacedTarget, options: { bounds?: PaceBounds; rowBytes?: number; seed?: number } = {}) {
  const { bounds = usualPace, rowBytes = 400, seed = 1 } = options;
  const changes: PaceChange[] = [];
  const controller: PaceController = newPaceController(bounds, (change) => changes.push(change));
  const random = randomNumbers(seed);
  const flying: { until: number; sent: number; pace: Pace; ticket: number; refusal: Refusal | null }[] = [];
  let at = 0;
  let refusals = 0;

  function send(): void {
    const { pace, ticket } = controller;
    const refusal = target.refuses?.(pace, flying.length + 1, at) ?? null;
    const takes = refusal === null ? target.milliseconds(pace, at) : 5;
    flying.push({ until: at + takes, sent: at, pace, ticket, refusal });
    controller.leased(true, at);
  }

  return {
    controller,
    changes,
    refusals: () => refusals,
    now: () => at,
    /** From -1 to 1. */
    noise: () => random() * 2 - 1,
    run(statements: number): void {
      for (let done = 0; done < statements; done++) {
        while (flying.length < controller.pace.sessions) send();
        flying.sort((a, b) => b.until - a.until);
        const next = flying.pop();
        if (next === undefined) return;
        at = next.until;
        if (next.refusal !== null) {
          refusals++;
          controller.refused(next.refusal, next.ticket, "t");
          continue;
        }
        const rows = Math.min(next.pace.rows, Math.max(1, Math.floor(next.pace.bytes / rowBytes)));
        const milliseconds = at - next.sent;
        const { ticket } = next;
        controller.answered({ rows, bytes: rows * rowBytes, milliseconds, at, ticket, comparable: true, table: "t" });
      }
    },
  };
}
