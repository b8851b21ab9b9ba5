import type { Column } from "../contracts/schema.ts";
import { quoteString } from "./identifiers.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const number = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function hexLiteral(value: Uint8Array): string {
  return `x'${bufferOf(value).toString("hex")}'`;
}

/** Text the server cannot have sent, because it is no UTF-8, goes as it is: the server then names it in its refusal. */
function textLiteral(value: Uint8Array): string {
  try {
    return quoteString(utf8.decode(value));
  } catch {
    return `_utf8mb4 ${hexLiteral(value)}`;
  }
}

function numberLiteral(value: Uint8Array): string {
  const text = bufferOf(value).toString("latin1");
  // A bare -0 is the integer zero; only as text does the sign of a floating zero survive.
  return number.test(text) && text !== "-0" ? text : textLiteral(value);
}

/**
 * A cell as a SQL literal for VALUES or WHERE, in a utf8mb4 session. Numbers are bare, bytes are x'…', everything else is
 * quoted; a timestamp carries its offset, so the session's time zone does not matter (MySQL 8.0.19+), but for the zero
 * timestamp, which takes none. What is no number in a number column is quoted, and the server decides.
 */
export function cellLiteral(column: Column, value: Uint8Array | null): string {
  if (value === null) return "NULL";
  switch (column.kind) {
    case "integer":
    case "decimal":
    case "float":
    case "double":
    case "year":
      return numberLiteral(value);
    case "bit":
    case "binary":
    case "geometry":
    case "vector":
      return hexLiteral(value);
    case "timestamp": {
      const text = bufferOf(value).toString("latin1");
      return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text) && !text.startsWith("0000-00-00")
        ? `'${text}+00:00'`
        : textLiteral(value);
    }
    case "text":
    case "enum":
    case "set":
    case "json":
    case "date":
    case "time":
    case "datetime":
      return textLiteral(value);
  }
}

/** Keys have 3072 bytes at most, of which x'…' makes two characters each. */
const longestLiteral = 64 << 10;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that never stand in a literal as they are
const quotedText = /^'[^'\\\0\n\r\x1a]*(?:(?:''|\\[0nrZ\\])[^'\\\0\n\r\x1a]*)*'$/;
const bareLiteral = /^(?:NULL|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|(?:_utf8mb4 )?x'(?:[0-9a-f]{2})*')$/;

/** Is a text that comes from a file one literal, as {@link cellLiteral} writes them, so that it may stand in SQL as it is? */
export function isLiteral(text: string): boolean {
  return text.length <= longestLiteral && (bareLiteral.test(text) || quotedText.test(text));
}
