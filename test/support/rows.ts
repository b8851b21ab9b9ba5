import type { Column } from "../../src/contracts/schema.ts";
import { columnFromType } from "../../src/mysql/column-type.ts";

export { batchOf, type CellRow, rowsOf } from "../../src/testing/row-batch.ts";

/** Texts as cells. */
export const cellsOf = (...values: (string | null)[]): (Buffer | null)[] =>
  values.map((value) => (value === null ? null : Buffer.from(value)));

/** Columns from `name type` texts. */
export const columnsOf = (...texts: string[]): Column[] =>
  texts.map((text) => columnFromType(text.slice(0, text.indexOf(" ")), text.slice(text.indexOf(" ") + 1)));
