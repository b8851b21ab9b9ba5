import { type Range, within } from "./pace-bounds.ts";

/**
 * What the target lets one setting be: halved when it pushes back, raised by a step after a while without that. The
 * value it pushed back at is tried again ever more rarely, until it holds.
 */
export interface Ceiling {
  readonly value: number;
  /** The target pushed back at `from`. false: it was as low as it may be. */
  lower(from: number): boolean;
  /** A statement passed. true: the ceiling was raised for it. */
  passed(): boolean;
}

/** Statements that must pass before a ceiling is raised. */
const CALM_STATEMENTS = 50;
/** How many times that before a value is tried at which the target has pushed back again and again. */
const MOST_PATIENCE = 16;

export function newCeiling(range: Range, step: number): Ceiling {
  let value = range.max;
  let refusedAt = Number.POSITIVE_INFINITY;
  let patience = 1;
  let calm = 0;
  return {
    get value() {
      return value;
    },
    lower(from) {
      const before = Math.min(value, from);
      if (before >= refusedAt) patience = Math.min(MOST_PATIENCE, patience * 2);
      refusedAt = before;
      // Steps are of one size, so whole numbers stay whole.
      value = within(Math.floor(before / 2 / step) * step, range);
      calm = 0;
      return value < before;
    },
    passed() {
      if (value >= range.max) return false;
      const next = within(value + step, range);
      if (++calm < CALM_STATEMENTS * (value < refusedAt && next >= refusedAt ? patience : 1)) return false;
      if (value >= refusedAt) {
        refusedAt = Number.POSITIVE_INFINITY;
        patience = 1;
      }
      value = next;
      calm = 0;
      return true;
    },
  };
}
