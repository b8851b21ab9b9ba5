import type { RowBatch } from "../../contracts/rows.ts";
import type { Column } from "../../contracts/schema.ts";
import { type BytesReader, bytesReader } from "./bytes-reader.ts";
import { type AskServer, type CellDecoder, cellDecoder, cellSkipper, isStoredAs } from "./cell-decoder.ts";
import { type CellWriter, cellWriter } from "./cell-writer.ts";
import { eventType } from "./events.ts";
import type { TableMap } from "./table-map.ts";

/** What one event did to rows of a table. Row `i` of `before` became row `i` of `after`. */
export interface RowChanges {
  readonly kind: "insert" | "update" | "delete";
  readonly rows: number;
  /** null for an insert. */
  readonly before: RowBatch | null;
  /** null for a delete. */
  readonly after: RowBatch | null;
}

/** A table as its rows are wanted. */
export interface FollowedTable {
  /** Every column the table has, in its order. */
  readonly columns: readonly Column[];
  /** Names of the columns whose cells are wanted, in the order they are wanted in. */
  readonly cells: readonly Column[];
}

/** Why rows of an event cannot be used. `images`: not all of a row was logged. `definition`: the table was another then. */
export class UnusableRows extends RangeError {
  readonly why: "images" | "definition";
  constructor(why: "images" | "definition", message: string) {
    super(message);
    this.why = why;
  }
}

/** Decodes rows events of one table, as long as its map is valid. */
export type RowsDecoder = (type: number, body: Buffer, ask: AskServer) => RowChanges;

/** Throws `UnusableRows` when the map does not fit the table's definition. */
export function rowsDecoder({ columns, cells }: FollowedTable, map: TableMap): RowsDecoder {
  const misfit = columns.find((column, i) => {
    const stored = map.columns[i];
    return stored === undefined || !isStoredAs(column, stored);
  });
  if (misfit !== undefined || map.columns.length !== columns.length) {
    throw new UnusableRows(
      "definition",
      misfit === undefined
        ? `rows have ${map.columns.length} columns and the table ${columns.length}`
        : `column ${misfit.name} is not stored as ${misfit.type}`,
    );
  }
  const places = cells.map((cell) => columns.findIndex(({ name }) => name === cell.name));
  const inOrder = places.every((place, i) => i === 0 || place > (places[i - 1] as number));
  if (!inOrder) throw new RangeError("cells are wanted in another order than the table's");
  const wanted = new Set(places);
  const skippers = map.columns.map(cellSkipper);
  let current: AskServer = () => Buffer.alloc(0);
  const decoders = columns.map((column, i): CellDecoder | null =>
    wanted.has(i)
      ? cellDecoder(column, map.columns[i] as TableMap["columns"][number], (charset, bytes) => current(charset, bytes))
      : null,
  );

  function readImage(reader: BytesReader, present: Buffer, count: number, writer: CellWriter): void {
    const nulls = reader.take((count + 7) >> 3);
    let place = 0;
    for (let i = 0; i < columns.length; i++) {
      if (!hasBit(present, i)) continue;
      const isNull = hasBit(nulls, place++);
      const decode = decoders[i];
      if (isNull) {
        if (decode) writer.bytes(null);
      } else if (decode) decode(reader, writer);
      else skippers[i]?.(reader);
    }
    writer.endRow();
  }

  return (type, body, ask) => {
    current = ask;
    const reader = bytesReader(body, 8);
    if (type >= eventType.writeRows) reader.skip(reader.uint(2) - 2);
    const width = reader.length();
    if (width !== columns.length) throw new RangeError("a rows event does not have its table's columns");
    const bitmap = (width + 7) >> 3;
    const isUpdate = type === eventType.updateRows || type === eventType.updateRowsV1;
    const isDelete = type === eventType.deleteRows || type === eventType.deleteRowsV1;
    const first = reader.take(bitmap);
    const second = isUpdate ? reader.take(bitmap) : first;
    for (const present of [first, second]) {
      const absent = places.find((place) => !hasBit(present, place));
      if (absent !== undefined) {
        throw new UnusableRows("images", `column ${(columns[absent] as Column).name} was not logged`);
      }
    }
    const [firstCount, secondCount] = [bitsOf(first, width), bitsOf(second, width)];
    const before = cellWriter(reader.left);
    const after = cellWriter(isUpdate ? reader.left : 0);
    let rows = 0;
    while (reader.left > 0) {
      readImage(reader, first, firstCount, before);
      if (isUpdate) readImage(reader, second, secondCount, after);
      rows++;
    }
    if (isUpdate) return { kind: "update", rows, before: before.finish(), after: after.finish() };
    if (isDelete) return { kind: "delete", rows, before: before.finish(), after: null };
    return { kind: "insert", rows, before: null, after: before.finish() };
  };
}

function hasBit(bits: Buffer, place: number): boolean {
  return (((bits[place >> 3] as number) >> (place & 7)) & 1) === 1;
}

function bitsOf(bits: Buffer, width: number): number {
  let count = 0;
  for (let i = 0; i < width; i++) if (hasBit(bits, i)) count++;
  return count;
}
