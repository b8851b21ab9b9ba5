import { resolve } from "node:path";
import type { VtpipeError } from "../contracts/errors.ts";
import type { ConfiguredStep } from "../contracts/transform.ts";
import type { StepName } from "../transform/step-failure.ts";
import { moduleOf, stepLabel } from "../transform/step-label.ts";
import { strayFailure } from "./step-trouble.ts";
import type { WorkerSetup } from "./worker-task.ts";

/** Failures that no call answers for: rejected promises nobody waits for, errors out of timers. */
export interface Strays {
  /** Throws what was left behind so far. */
  check(): void;
  /** Lets promises that are due come to their end, then checks. */
  settle(): Promise<void>;
}

const none: Strays = { check() {}, async settle() {} };

/**
 * Catches what user modules leave behind in this thread; without any module nothing is caught, so that a fault of ours
 * still ends the thread. Node ends a thread at such a failure, and nobody would learn which step it was.
 */
export function watchStrays(setup: WorkerSetup): Strays {
  const steps = setup.tables.flatMap(({ source }) => source?.steps ?? []).filter((step) => moduleOf(step) !== null);
  if (steps.length === 0) return none;
  let failure: VtpipeError | null = null;
  const note = (thrown: unknown): void => {
    failure ??= strayFailure(setup, thrown, blamed(thrown, steps, setup.baseDirectory));
    // Before the first row it is no row's fault.
    if (failure === null) throw thrown;
  };
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
  const check = (): void => {
    if (failure !== null) throw failure;
  };
  return {
    check,
    async settle() {
      await new Promise<void>((done) => {
        setImmediate(done);
      });
      check();
    },
  };
}

/** The step whose module the error's stack leads through; null: the last one at work is named. */
function blamed(thrown: unknown, steps: readonly ConfiguredStep[], baseDirectory: string): StepName | null {
  const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  const step = steps.find((one) => stack.includes(resolve(baseDirectory, moduleOf(one) ?? "")));
  return step === undefined ? null : { label: stepLabel(step), path: step.path };
}
