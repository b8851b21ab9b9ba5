import type { VtpipeError } from "../contracts/errors.ts";
import { keyInWords, rowInWords, type StepName, stepError } from "../transform/step-failure.ts";
import { stepLabel } from "../transform/step-label.ts";
import { isAtWork, lastPlace } from "./step-notes.ts";
import type { WorkerSetup, WorkerSource } from "./worker-task.ts";

const correctIt =
  "Correct the transform and use a new run directory: with another transform it is another plan. To go on with this one, correct the row at the source and run the same command again.";

/** A worker that stayed on one row for too long. */
export function stuckStep(setup: WorkerSetup, seconds: number): VtpipeError | null {
  return troubleAt(setup, (row) => ({
    message: `has been at work on ${row} for ${seconds} s and came to no end; its worker thread was stopped.`,
    todo: `${correctIt} If it only needs longer, raise transformTimeoutSeconds.`,
  }));
}

/** A worker thread that ended inside a step; null when it was not in one. */
export function endedStep(setup: WorkerSetup, why: string): VtpipeError | null {
  if (!isAtWork(setup.notes)) return null;
  return troubleAt(setup, (row) => ({
    message: `was at work on ${row} when its worker thread ended: ${why}.`,
    todo: correctIt,
  }));
}

/** A promise or timer of a user's module that failed with nobody waiting for it. */
export function strayFailure(setup: WorkerSetup, thrown: unknown, step: StepName | null): VtpipeError | null {
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  return troubleAt(
    setup,
    (row) => ({
      message: `left something behind that failed later (a promise that nobody waits for, or a timer), at or before ${row}: ${said}`,
      todo: `Make it synchronous: what it needs has to be there before the first row. ${correctIt}`,
    }),
    step,
  );
}

function troubleAt(
  setup: WorkerSetup,
  tell: (row: string) => { readonly message: string; readonly todo: string },
  blamed: StepName | null = null,
): VtpipeError | null {
  const place = lastPlace(setup.notes);
  const source = place === null ? null : (setup.tables[place.table]?.source ?? null);
  const step = place === null ? undefined : source?.steps[place.step];
  if (place === null || source === null || step === undefined) return null;
  const name = blamed ?? { label: stepLabel(step), path: step.path };
  const cells = keyCells(source);
  const key = keyInWords(source.columns, keyColumns(source), (cell) => place.key[cells.indexOf(cell)] ?? null);
  return stepError({ table: source.table.name, step: name, key, ...tell(rowInWords(key)) });
}

const keyColumns = ({ table }: WorkerSource): readonly string[] => table.chunkKey?.columns ?? [];

/** Numbers of the cells that make up the key of a table's rows. */
export function keyCells(source: WorkerSource): readonly number[] {
  return keyColumns(source).map((name) => source.columns.findIndex((column) => column.name === name));
}
