import { VtpipeError } from "../../contracts/errors.ts";
import { type Step, takeStep } from "../../handoff/step.ts";
import { equivalent } from "../../vitess/vtctld/equivalent.ts";
import type { VtctldMethod, VtctldRequest } from "../../vitess/vtctld/field.ts";
import type { JobContext } from "../job.ts";
import type { HandoffSide } from "./handoff-side.ts";

/** How steps are gone about: taken, or only shown; with SQL twins in full or left out. */
export interface StepMode {
  readonly printOnly: boolean;
  readonly showFilters: boolean;
}

export const takeThem: StepMode = { printOnly: false, showFilters: false };

/**
 * Tells each step with its vtctldclient lines, and takes it unless steps are only to be shown. A request to stop is heard
 * between two steps: a call that is cut off leaves a state nobody knows.
 */
export async function takeSteps(
  side: HandoffSide,
  steps: readonly Step[],
  context: JobContext,
  mode: StepMode = takeThem,
): Promise<void> {
  for (const step of steps) {
    if (context.stop.requested) throw stoppedBefore(step);
    const commands = step.calls.map(({ method, request, shown }) =>
      line(side, method, mode.showFilters ? request : (shown ?? request)),
    );
    const startedAt = performance.now();
    if (!mode.printOnly) await takeStep(side.vtctld, step);
    const seconds = mode.printOnly ? null : (performance.now() - startedAt) / 1000;
    context.emit({ type: "step", title: step.title, commands, seconds });
  }
}

/** For steps that take something back: they are taken although a stop was asked for. */
export function unstoppable(context: JobContext): JobContext {
  return { ...context, stop: { ...context.stop, requested: false, check: () => {} } };
}

function stoppedBefore({ title }: Step): VtpipeError {
  return new VtpipeError({
    code: "interrupted",
    message: `Stopped on request before the step: ${title}`,
    now: "Only the steps that were told are done.",
    todo: "Run the same command again to go on.",
  });
}

function line<M extends VtctldMethod>({ server }: HandoffSide, method: M, request: unknown): string {
  return equivalent(server, method, request as VtctldRequest<M>);
}
