import { setTimeout as sleep } from "node:timers/promises";
import { VtpipeError } from "../../contracts/errors.ts";
import type { HandoffView } from "../../handoff/view.ts";
import type { JobContext } from "../job.ts";
import type { HandoffSide } from "./handoff-side.ts";

/** Looks again and again until `done`; gives up after `seconds`, saying what was waited for. */
export async function waitUntil(
  side: HandoffSide,
  context: JobContext,
  { what, seconds, done }: { what: string; seconds: number; done: (view: HandoffView) => boolean | Promise<boolean> },
): Promise<HandoffView> {
  const until = Date.now() + seconds * 1000;
  for (let pause = 100; ; pause = Math.min(pause * 1.5, 2000)) {
    if (context.stop.requested) throw stoppedWaiting(what);
    const view = await side.look();
    if (await done(view)) return view;
    if (Date.now() > until) {
      throw new VtpipeError({
        code: "target",
        message: `Waited ${seconds} s for ${what}, in vain.`,
        now: "What was done before stays done; nothing further was changed.",
        todo: "Look at `vtpipe status --watch` and the tablets' logs; the same command again goes on from here.",
      });
    }
    await sleep(pause, undefined, { signal: context.stop.signal }).catch(() => {});
  }
}

function stoppedWaiting(what: string): VtpipeError {
  return new VtpipeError({
    code: "interrupted",
    message: `Stopped on request while waiting for ${what}.`,
    now: "Only the steps that were told are done.",
    todo: "Run the same command again to go on.",
  });
}
