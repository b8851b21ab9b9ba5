import type { CellSpan, ChainColumn, RowCells, StepInput, StepPlan } from "../../src/contracts/transform.ts";

export interface CellWork {
  readonly before: ChainColumn;
  /** The column afterwards, in the same slot; absent: as before. */
  readonly after?: ChainColumn;
  /** Makes the new value. Never called for NULL. */
  readonly make?: (value: Uint8Array) => Uint8Array | null;
  /** In place of `make`: changes the slot itself, by `cut`, `write` or `set`, or leaves it. Never called for NULL. */
  readonly edit?: (row: RowCells, cell: CellSpan) => void;
  /** SQL for the same, NULL for NULL; from the value as bytes and as a value of its type. Absent: js-only. */
  readonly twin?: ((bytes: string, sql: string) => string) | undefined;
  /** Why different values may become equal. */
  readonly collisions?: readonly string[];
}

/** The plan of a step that works on one column, cell by cell, and leaves NULL alone. */
export function cellStep(
  input: StepInput,
  { before, after = before, make, edit = edited(before.slot, make), twin, collisions = [] }: CellWork,
): StepPlan {
  const { slot } = before;
  return {
    columns: after === before ? input.columns : input.columns.map((column) => (column === before ? after : column)),
    writes: [slot],
    rows(row) {
      const cell = row.span(slot);
      if (cell !== null) edit(row, cell);
      return true;
    },
    ...(twin === undefined ? {} : { twin: (sql, bytes) => new Map([[slot, twin(bytes(slot), sql(slot))]]) }),
    collisions: collisions.map((text) => ({ slot, text })),
  };
}

function edited(slot: number, make: CellWork["make"]): NonNullable<CellWork["edit"]> {
  if (make === undefined) throw new TypeError("a cell step needs `make` or `edit`");
  return (row, { bytes, start, end }) => row.set(slot, make(bytes.subarray(start, end)));
}
