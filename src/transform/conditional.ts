import type { Condition } from "../../transforms/conditions/condition.ts";
import { byteKinds } from "../contracts/schema.ts";
import type { ChainColumn, SqlOf, StepInput, StepPlan } from "../contracts/transform.ts";

/**
 * A step that only works on rows for which `condition` holds; the others go on as they are. So it may not change the
 * columns: what it leaves alone has to fit as well as what it makes.
 */
export function conditional(plan: StepPlan, condition: Condition, input: StepInput): StepPlan {
  const { rows, twin } = plan;
  const before = new Map(input.columns.map((column) => [column.slot, column]));
  if (rows === undefined) {
    input.refuse(
      `This step does the same to every row of "${input.table}", so it takes no \`when\`.`,
      "Leave `when` out.",
    );
  }
  if (input.columns.some(({ slot }) => !plan.columns.some((after) => after.slot === slot))) {
    input.refuse(`Columns of "${input.table}" cannot be dropped for some rows only.`, "Leave `when` out.");
  }
  for (const column of plan.columns) {
    const was = before.get(column.slot);
    if (was === undefined ? !column.nullable : !sameType(was, column)) {
      input.refuse(
        `Column "${column.name}" of "${input.table}" becomes ${column.type}, which rows without the condition do not fit.`,
        was === undefined
          ? "Let the new column be NULL."
          : "Choose a transform that keeps the type, or leave `when` out.",
      );
    }
  }
  return {
    ...plan,
    reads: [...(plan.reads ?? []), ...condition.reads],
    rows: (row) => !condition.holds(row) || (rows?.(row) ?? true),
    ...(twin === undefined ? {} : withTwin(twin)),
    ...(plan.filter === undefined ? {} : { filter: undefined as never }),
  };

  function withTwin(made: NonNullable<StepPlan["twin"]>): Partial<StepPlan> {
    const { sql: holds } = condition;
    if (holds === null) return { twin: undefined as never };
    return {
      twin: (sql: SqlOf, bytes: SqlOf) => {
        const inside = holds(sql, bytes);
        return new Map(
          Array.from(made(sql, bytes), ([slot, value]) => {
            const was = before.get(slot);
            // Alone and next to a literal such a column is not the same to SQL; as bytes it is.
            const other = was === undefined ? "NULL" : byteKinds.has(was.kind) ? bytes(slot) : sql(slot);
            return [slot, `IF(${inside}, ${value}, ${other})`];
          }),
        );
      },
    };
  }
}

function sameType(a: ChainColumn, b: ChainColumn): boolean {
  return a.type === b.type && a.charset === b.charset && a.nullable === b.nullable;
}
