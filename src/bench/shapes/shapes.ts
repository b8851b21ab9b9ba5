import { blob } from "./blob.ts";
import { customer } from "./customer.ts";
import { json } from "./json.ts";
import { narrow } from "./narrow.ts";
import type { TableShape } from "./shape.ts";
import { smallShapes } from "./small.ts";
import { text } from "./text.ts";
import { wide } from "./wide.ts";

/** Shapes of one table. */
export const shapes: readonly TableShape[] = [customer, narrow, wide, text, blob, json];

/** What can be asked for by name: a shape of one table, or `many-small`. */
export const shapeNames: readonly string[] = [...shapes.map(({ name }) => name), "many-small"];

/** A table to be made: its name, its shape, and how many rows. */
export interface ShapedTable {
  readonly table: string;
  readonly shape: TableShape;
  readonly rows: number;
}

/**
 * The tables of a shape with `rows` rows in all; `many-small` shares them out among `tables` of them (default 100), some
 * with ten times as many as others. null for a name that is none of `shapeNames`.
 */
export function shapedTables(name: string, rows: number, tables = 100): ShapedTable[] | null {
  if (name === "many-small") return manySmall(rows, tables);
  const shape = shapes.find((one) => one.name === name);
  return shape === undefined ? null : [{ table: name, shape, rows }];
}

function manySmall(rows: number, tables: number): ShapedTable[] {
  // Sizes 1 to 10 in turn. Rounding goes over to the next table, so that the sum is exact.
  const weights = Array.from({ length: tables }, (_, i) => (i % 10) + 1);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return smallShapes(tables).map((shape, i) => {
    const from = Math.round((rows * before) / whole);
    before += weights[i] as number;
    return { table: shape.name, shape, rows: Math.round((rows * before) / whole) - from };
  });
}
