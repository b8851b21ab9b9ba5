import type { MakeRowFormat } from "./row-format.ts";
import { forEachRow, hex, isBytes } from "./row-format.ts";

/** Characters a cell may take; more is cut, with a mark. */
const widest = 60;
/** Longest start of a cell that is looked at; a 4-byte character is the most that one character takes. */
const looked = widest * 4 + 4;

const controls: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** On one line, and nothing in it that a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\\]/gu, (character) => {
    return controls[character] ?? `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
}

function shown(cell: Buffer, asBytes: boolean): string {
  const start = cell.subarray(0, looked);
  const text = [...(asBytes ? hex(start) : printable(start.toString("utf8")))];
  if (text.length <= widest && cell.length <= looked) return text.join("");
  return `${text.slice(0, widest - 1).join("")}…`;
}

const widthOf = (text: string): number => [...text].length;

/** For people: columns side by side, aligned within a batch, long cells cut. Not meant to be read back. */
export const text: MakeRowFormat = ({ columns }) => {
  const bytes = columns.map(isBytes);
  const toRight = columns.map((column) => ["integer", "decimal", "float", "double"].includes(column.kind));
  const names = columns.map((column) => printable(column.name));
  return {
    head: () => Buffer.alloc(0),
    rows: (batch) => {
      const table: string[][] = [names];
      forEachRow(batch, columns.length, (cells) => {
        table.push(cells.map((cell, index) => (cell === null ? "NULL" : shown(cell, bytes[index] === true))));
      });
      const widths = names.map((_, index) => {
        return table.reduce((width, row) => Math.max(width, widthOf(row[index] as string)), 0);
      });
      table.splice(
        1,
        0,
        widths.map((width) => "-".repeat(width)),
      );
      const lines = table.map((row) => {
        const fields = row.map((field, index) => {
          const gap = " ".repeat((widths[index] as number) - widthOf(field));
          return toRight[index] ? gap + field : field + gap;
        });
        return `${fields.join("  ").trimEnd()}\n`;
      });
      return Buffer.from(lines.join(""));
    },
  };
};
