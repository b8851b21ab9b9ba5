import type { ChainColumn, StepInput, StepPlan } from "../../src/contracts/transform.ts";

export interface CellWork {
  readonly before: ChainColumn;
  /** The column afterwards, in the same slot; absent: as before. */
  readonly after?: ChainColumn;
  /** Never called for NULL. */
  make(value: Uint8Array): Uint8Array | null;
  /** SQL for the same, NULL for NULL; from the value as bytes and as a value of its type. Absent: js-only. */
  readonly twin?: ((bytes: string, sql: string) => string) | undefined;
  /** Why different values may become equal. */
  readonly collisions?: readonly string[];
}

/** The plan of a step that works on one column, cell by cell, and leaves NULL alone. */
export function cellStep(
  input: StepInput,
  { before, after = before, make, twin, collisions = [] }: CellWork,
): StepPlan {
  const { slot } = before;
  return {
    columns: after === before ? input.columns : input.columns.map((column) => (column === before ? after : column)),
    writes: [slot],
    rows(row) {
      const value = row.get(slot);
      if (value !== null) row.set(slot, make(value));
      return true;
    },
    ...(twin === undefined ? {} : { twin: (sql, bytes) => new Map([[slot, twin(bytes(slot), sql(slot))]]) }),
    collisions: collisions.map((text) => ({ slot, text })),
  };
}
