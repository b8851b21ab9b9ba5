import { VtpipeError } from "../contracts/errors.ts";
import type { Column } from "../contracts/schema.ts";
import { cellLiteral } from "../mysql/literal.ts";

/** A step as people know it: what it is called, and where it stands in the config. */
export interface StepName {
  readonly label: string;
  readonly path: string;
}

export interface StepFailure {
  readonly table: string;
  readonly step: StepName & { readonly columns: readonly string[] };
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
  const key = keyInWords(columns, keyColumns, (cell) => {
    const start = bounds[cell * 2] as number;
    return start === -1 ? null : bytes.subarray(start, bounds[cell * 2 + 1]);
  });
  const said = cause instanceof Error ? cause.message : String(cause);
  const column = step.columns.join(", ");
  return stepError({ table, step, key, column, cause, message: `failed on ${rowInWords(key)}: ${said}` });
}

/** The cells of `keyColumns` by name and value; null when the rows carry none of them. */
export function keyInWords(
  columns: readonly Column[],
  keyColumns: readonly string[],
  cellOf: (cell: number) => Uint8Array | null,
): string | null {
  const parts = keyColumns.flatMap((name) => {
    const cell = columns.findIndex((column) => column.name === name);
    const column = columns[cell];
    if (column === undefined) return [];
    const literal = cellLiteral(column, cellOf(cell));
    return [`${name} = ${literal.length > 80 ? `${literal.slice(0, 80)}…` : literal}`];
  });
  return parts.length === 0 ? null : parts.join(", ");
}

export function rowInWords(key: string | null): string {
  return key === null ? "a row" : `the row with ${key}`;
}

export interface StepError {
  readonly table: string;
  readonly step: StepName;
  /** As {@link keyInWords} gives it. */
  readonly key: string | null;
  /** What the step writes; empty when it writes nothing. */
  readonly column?: string;
  /** What is wrong; "Table …: transform …" goes before it. */
  readonly message: string;
  readonly todo?: string;
  readonly cause?: unknown;
}

/** The `transform` error for rows that a step could not be trusted with. */
export function stepError({ table, step, key, column = "", message, todo, cause }: StepError): VtpipeError {
  return new VtpipeError({
    code: "transform",
    message: `Table "${table}": transform ${step.label} (${step.path}) ${message}`,
    now: "The chunk this row belongs to was not written and not loaded; finished chunks stay as they are.",
    todo:
      todo ??
      "Correct the row at the source and run the same command again. A corrected transform or a `where` that leaves the row out is another plan: use a new run directory for it.",
    context: {
      table,
      step: step.path,
      ...(column === "" ? {} : { column }),
      ...(key === null ? {} : { key }),
    },
    cause,
  });
}
