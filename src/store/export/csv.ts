import type { MakeRowFormat } from "./row-format.ts";
import { forEachRow, hex, isBytes } from "./row-format.ts";

const comma = Buffer.from(",");
const lineEnd = Buffer.from("\r\n");
const nullField = Buffer.from("\\N");
const quote = 0x22;
/** RFC 4180 wants these quoted; a backslash, so that the text `\N` is not taken for NULL. */
const special = [quote, 0x2c, 0x0d, 0x0a, 0x5c];

function quoted(field: Buffer): Buffer {
  return Buffer.from(`"${field.toString("latin1").replaceAll('"', '""')}"`, "latin1");
}

/** The empty string is quoted too, so that no reader takes it for a missing value. */
function fieldOf(value: Buffer): Buffer {
  return value.length === 0 || special.some((byte) => value.includes(byte)) ? quoted(value) : value;
}

/** RFC 4180 with a line of column names; NULL is a bare `\N`, bytes are `0x…`, text is UTF-8. */
export const csv: MakeRowFormat = ({ columns }) => {
  const bytes = columns.map(isBytes);
  const names = columns.map((column) => fieldOf(Buffer.from(column.name)).toString("utf8"));
  return {
    head: () => Buffer.from(`${names.join(",")}\r\n`),
    rows: (batch) => {
      const parts: Buffer[] = [];
      forEachRow(batch, columns.length, (cells) => {
        cells.forEach((cell, index) => {
          if (index > 0) parts.push(comma);
          parts.push(cell === null ? nullField : bytes[index] ? Buffer.from(hex(cell)) : fieldOf(cell));
        });
        parts.push(lineEnd);
      });
      return Buffer.concat(parts);
    },
  };
};
