import { didYouMean } from "../contracts/nearest-name.ts";
import { type Problem, problemsError } from "../contracts/problems.ts";
import { byteKinds, type Column } from "../contracts/schema.ts";
import type { CellRow } from "./row-batch.ts";

/** A cell as a test writes it: text as MySQL prints the value, a whole number, bytes, or null for NULL. */
export type TestCell = string | number | bigint | Uint8Array | null;

/** A row as a test writes it: by the names of all its columns, or all its cells in their order. */
export type TestRow = Readonly<Record<string, TestCell>> | readonly TestCell[];

/** A row as it comes out: text, and bytes for the binary types. */
export type ResultRow = Readonly<Record<string, string | Buffer | null>>;

/** Throws a `config` error that names all that is wrong with the rows. */
export function cellRows(columns: readonly Column[], rows: readonly TestRow[]): CellRow[] {
  const problems: Problem[] = [];
  const made = rows.map((row, i) => {
    const cells = inOrder(columns, row, `rows[${i}]`, problems);
    return cells.map((cell, c) => bytesOf(cell, `rows[${i}].${columns[c]?.name}`, problems));
  });
  if (problems.length > 0) throw problemsError("The test", problems);
  return made;
}

export function resultRow(columns: readonly Column[], cells: readonly (Buffer | null)[]): ResultRow {
  const entries = columns.map(({ name, kind }, i): [string, string | Buffer | null] => {
    const cell = cells[i] ?? null;
    return [name, cell === null || byteKinds.has(kind) ? cell : cell.toString("utf8")];
  });
  return Object.fromEntries(entries);
}

function inOrder(columns: readonly Column[], row: TestRow, path: string, problems: Problem[]): readonly unknown[] {
  const names = columns.map(({ name }) => name);
  if (Array.isArray(row)) {
    if (row.length === names.length) return row;
    problems.push({ path, text: `It has ${row.length} cells for ${names.length} columns: ${names.join(", ")}.` });
    return [];
  }
  const given = row as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const text = `There is no such column.${didYouMean(name, names) || ` Columns: ${names.join(", ")}.`}`;
    problems.push({ path: `${path}.${name}`, text });
  }
  return names.map((name) => (Object.hasOwn(given, name) ? given[name] : undefined));
}

function bytesOf(cell: unknown, path: string, problems: Problem[]): Uint8Array | null {
  if (cell === null || cell instanceof Uint8Array) return cell;
  if (typeof cell === "string") return Buffer.from(cell);
  if (typeof cell === "bigint" || Number.isSafeInteger(cell)) return Buffer.from(String(cell));
  const text =
    cell === undefined
      ? "Every row has a value for every column; NULL is null."
      : typeof cell === "number"
        ? "Write numbers that are not whole as the text MySQL prints, with all their digits: 1.50 in a DECIMAL(9,2)."
        : "Expected a text, a whole number, bytes or null.";
  problems.push({ path, text });
  return null;
}
