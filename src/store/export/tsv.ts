import type { MakeRowFormat } from "./row-format.ts";
import { forEachRow, hex, isBytes } from "./row-format.ts";

const tab = Buffer.from("\t");
const lineEnd = Buffer.from("\n");
const nullField = Buffer.from("\\N");
const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\b": "\\b",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x1a": "\\Z",
  "\\": "\\\\",
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the bytes that LOAD DATA wants escaped
const special = /[\0\x08\n\r\t\x1a\\]/g;

/** Byte by byte, as latin1: no byte of a longer UTF-8 character is one of the special ones. */
function escaped(value: Buffer): Buffer {
  const text = value.toString("latin1");
  const safe = text.replace(special, (character) => escapes[character] as string);
  return safe.length === text.length ? value : Buffer.from(safe, "latin1");
}

/** Tab-separated with a line of column names, escaped as MySQL's LOAD DATA reads it; NULL is `\N`, bytes are `0x…`. */
export const tsv: MakeRowFormat = ({ columns }) => {
  const bytes = columns.map(isBytes);
  const names = columns.map((column) => escaped(Buffer.from(column.name)).toString("utf8"));
  return {
    head: () => Buffer.from(`${names.join("\t")}\n`),
    rows: (batch) => {
      const parts: Buffer[] = [];
      forEachRow(batch, columns.length, (cells) => {
        cells.forEach((cell, index) => {
          if (index > 0) parts.push(tab);
          parts.push(cell === null ? nullField : bytes[index] ? Buffer.from(hex(cell)) : escaped(cell));
        });
        parts.push(lineEnd);
      });
      return Buffer.concat(parts);
    },
  };
};
