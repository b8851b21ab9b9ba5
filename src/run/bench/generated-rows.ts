import type { RowBatch } from "../../contracts/rows.ts";
import type { Column } from "../../contracts/schema.ts";
import { cellSize, writeCellPrefix } from "../../mysql/cells.ts";
import { columnFromType } from "../../mysql/column-type.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import { seededRandom } from "../../sandbox/sample/random.ts";

const types: Readonly<Record<string, string>> = {
  id: "bigint unsigned not null",
  code: "varchar(40) not null",
  amount: "decimal(12,2) not null",
  at: "datetime(3)",
  note: "text",
};

/** The table of generated rows: a number, a text, a decimal, a moment, a longer text. */
export const generatedColumns: readonly Column[] = Object.entries(types).map(([name, type]) =>
  columnFromType(name, type),
);

export function generatedTable(name: string): string {
  const lines = Object.entries(types).map(([column, type]) => `  ${quoteName(column)} ${type},`);
  return [`CREATE TABLE ${quoteName(name)} (`, ...lines, "  PRIMARY KEY (`id`)", ") DEFAULT CHARSET=utf8mb4"].join(
    "\n",
  );
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, "0");

/** Endless batches; the same seed gives the same rows. Ids are 1, 2, 3, … */
export function* generatedRows(seed: string, rowsPerBatch: number): Generator<RowBatch, never> {
  const random = seededRandom(seed);
  for (let id = 1; ; ) {
    const rows: Buffer[] = [];
    for (; rows.length < rowsPerBatch; id++) {
      const at = `20${pad(random.int(10, 29), 2)}-${pad(random.int(1, 12), 2)}-${pad(random.int(1, 28), 2)} 12:00:00.${pad(random.int(0, 999), 3)}`;
      const said = random.pick([
        "paid in full",
        "wants the old price",
        "needs an answer – it's late",
        'said "yes"\tand left',
      ]);
      rows.push(
        rowBytes([
          String(id),
          `c-${random.uint32().toString(36)}-${random.uint32().toString(36)}`,
          `${random.int(-90_000, 900_000)}.${pad(random.int(0, 99), 2)}`,
          random.chance(0.1) ? null : at,
          random.chance(0.1) ? null : `${said}; ${said}, note ${id}`.repeat(random.int(1, 3)),
        ]),
      );
    }
    yield batchOf(rows);
  }
}

function rowBytes(cells: readonly (string | null)[]): Buffer {
  return Buffer.concat(
    cells.map((value) => {
      const bytes = value === null ? null : Buffer.from(value);
      const cell = Buffer.alloc(cellSize(bytes?.length ?? -1));
      const at = writeCellPrefix(cell, 0, bytes?.length ?? -1);
      if (bytes !== null) cell.set(bytes, at);
      return cell;
    }),
  );
}

function batchOf(rows: readonly Buffer[]): RowBatch {
  const offsets = new Uint32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) offsets[i + 1] = (offsets[i] as number) + row.length;
  return { bytes: Buffer.concat(rows), offsets, rows: rows.length };
}
