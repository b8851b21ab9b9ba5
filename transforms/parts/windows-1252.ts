/**
 * MySQL's latin1 is windows-1252, with the five bytes that has no characters for as control characters. Bytes 80 to 9f.
 */
const upper =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

const byteOf = new Map(Array.from(upper, (character, i) => [character, 0x80 + i]));

/** The text's bytes in MySQL's latin1; null when a character has none. */
export function toLatin1(text: string): Buffer | null {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    const byte = code < 0x80 || (code > 0x9f && code < 0x100) ? code : byteOf.get(character);
    if (byte === undefined) return null;
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

/** The text that bytes are in MySQL's latin1. */
export function fromLatin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte < 0x80 || byte > 0x9f ? String.fromCharCode(byte) : upper[byte - 0x80],
  ).join("");
}
