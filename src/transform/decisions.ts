import type { Column } from "../contracts/schema.ts";
import type { PlannedStep } from "./plan-chain.ts";

/** What a chain says about one source column. */
export interface ColumnDecision {
  readonly column: Column;
  /** Do rows carry its cells? Generated columns mostly are not read: the target computes them. */
  readonly carried: boolean;
  /** The step that says its values pass on purpose; null: none. */
  readonly keptBy: string | null;
  /** The step that leaves it out; null: none. */
  readonly droppedBy: string | null;
  readonly writtenBy: readonly WritingStep[];
}

export interface WritingStep {
  readonly path: string;
  /** Does it work on every row, or only where its `when` holds? */
  readonly always: boolean;
  /** Does it take values out of sight, or does it only reshape them? */
  readonly hides: boolean;
}

/** One decision per source column, in the order of `inputs`; rows carry the first `carried` of them. */
export function decisionsOf(
  inputs: readonly Column[],
  carried: number,
  planned: readonly PlannedStep[],
): readonly ColumnDecision[] {
  return inputs.map((column, slot) => ({
    column,
    carried: slot < carried,
    keptBy: planned.find(({ plan }) => plan.keeps?.includes(slot))?.path ?? null,
    droppedBy: planned.find(({ before, plan }) => has(before, slot) && !has(plan.columns, slot))?.path ?? null,
    writtenBy: planned
      .filter(({ plan }) => plan.writes.includes(slot))
      .map(({ path, when, definition }) => ({ path, always: when === undefined, hides: definition.hides !== false })),
  }));
}

const has = (columns: readonly { readonly slot: number }[], slot: number): boolean =>
  columns.some((column) => column.slot === slot);

/** Has nobody said what is to become of it? A mere `rename` says nothing about the values. */
export function isUndecided({ carried, keptBy, droppedBy, writtenBy }: ColumnDecision): boolean {
  return carried && keptBy === null && droppedBy === null && writtenBy.length === 0;
}

/** Do its values go on, in some rows at least, although nobody said that they may? */
export function passesUnsaid({ carried, keptBy, droppedBy, writtenBy }: ColumnDecision): boolean {
  return carried && keptBy === null && droppedBy === null && !writtenBy.some(({ always, hides }) => always && hides);
}

/** Is it dropped, or rewritten by a step that hides values, and not said to be no secret by `keep`? */
export function isHidden({ carried, keptBy, droppedBy, writtenBy }: ColumnDecision): boolean {
  return carried && keptBy === null && (droppedBy !== null || writtenBy.some(({ hides }) => hides));
}

/** The decision in a few words, for people. */
export function decisionText({ keptBy, droppedBy, writtenBy }: ColumnDecision): string {
  const parts = [
    ...(keptBy === null ? [] : [`kept by ${keptBy}`]),
    ...writtenBy.map(({ path, always }) => `rewritten by ${path}${always ? "" : " where its condition holds"}`),
    ...(droppedBy === null ? [] : [`dropped by ${droppedBy}`]),
  ];
  return parts.length === 0 ? "without a decision" : parts.join(", ");
}
