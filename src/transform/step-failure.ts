import { VtpipeError } from "../contracts/errors.ts";
import type { Column } from "../contracts/schema.ts";
import { cellLiteral } from "../mysql/literal.ts";

export interface StepFailure {
  readonly table: string;
  readonly step: { readonly label: string; readonly path: string };
  readonly cause: unknown;
  readonly columns: readonly Column[];
  readonly keyColumns: readonly string[];
  readonly bytes: Buffer;
  /** Of the row's cells, as `findCells` fills it. */
  readonly bounds: Int32Array;
}

/** A step threw on a row: which step, which row by its key on the source, and what it said. */
export function stepFailure(failure: StepFailure): VtpipeError {
  const { table, step, cause, columns, keyColumns, bytes, bounds } = failure;
  const key = keyColumns.flatMap((name) => {
    const i = columns.findIndex((column) => column.name === name);
    const column = columns[i];
    if (column === undefined) return [];
    const start = bounds[i * 2] as number;
    const literal = cellLiteral(column, start === -1 ? null : bytes.subarray(start, bounds[i * 2 + 1]));
    return [`${name} = ${literal.length > 80 ? `${literal.slice(0, 80)}…` : literal}`];
  });
  const row = key.length === 0 ? "a row" : `the row with ${key.join(", ")}`;
  const said = cause instanceof Error ? cause.message : String(cause);
  return new VtpipeError({
    code: "transform",
    message: `Table "${table}": transform ${step.label} (${step.path}) failed on ${row}: ${said}`,
    now: "The chunk this row belongs to was not written and not loaded; finished chunks stay as they are.",
    todo: "Correct the row at the source and run the same command again. A corrected transform or a `where` that leaves the row out is another plan: use a new run directory for it.",
    context: { table, step: step.path, ...(key.length > 0 ? { key: key.join(", ") } : {}) },
    cause,
  });
}
