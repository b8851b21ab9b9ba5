import { byteKinds, type Column } from "../../contracts/schema.ts";

/** Characters shown of a cell; more is cut, with a mark. */
export const shownCharacters = 60;
/** Longest start of a cell that is looked at: a character takes 4 bytes at most. */
const lookedBytes = shownCharacters * 4 + 4;

const controls: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/**
 * A cell as a text for people, on one line and with nothing in it that a terminal would obey: bytes as `0x…`, what is
 * long cut with `…`. null for NULL.
 */
export function shownCell(column: Column, value: Uint8Array | null): string | null {
  if (value === null) return null;
  const start = Buffer.from(value.subarray(0, lookedBytes));
  const text = [...(byteKinds.has(column.kind) ? `0x${start.toString("hex")}` : printable(start.toString("utf8")))];
  if (text.length <= shownCharacters && value.length <= lookedBytes) return text.join("");
  return `${text.slice(0, shownCharacters - 1).join("")}…`;
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\\]/gu, (character) => {
    return controls[character] ?? `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  });
}
