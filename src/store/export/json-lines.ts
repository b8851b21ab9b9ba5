import type { MakeRowFormat } from "./row-format.ts";
import { forEachRow, isBytes } from "./row-format.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function base64(cell: Buffer): string {
  return `{"base64":"${cell.toString("base64")}"}`;
}

/** Text that is no UTF-8 is shown as bytes rather than with replacement characters. */
function textValue(cell: Buffer): string {
  try {
    return JSON.stringify(utf8.decode(cell));
  } catch {
    return base64(cell);
  }
}

/**
 * One object a line, by column name: null, a string as the server printed it (numbers and JSON too, so that no reader
 * rounds them), or `{"base64": "…"}` for bytes.
 */
export const jsonLines: MakeRowFormat = ({ columns }) => {
  const bytes = columns.map(isBytes);
  const names = columns.map((column) => `${JSON.stringify(column.name)}:`);
  return {
    head: () => Buffer.alloc(0),
    rows: (batch) => {
      const lines: string[] = [];
      forEachRow(batch, columns.length, (cells) => {
        const members = cells.map((cell, index) => {
          return names[index] + (cell === null ? "null" : bytes[index] ? base64(cell) : textValue(cell));
        });
        lines.push(`{${members.join(",")}}\n`);
      });
      return Buffer.from(lines.join(""));
    },
  };
};
