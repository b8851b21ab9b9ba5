/** From bytes in a column's character set to utf8mb4, as the server converts them for `SET NAMES utf8mb4`. */
export type ToUtf8 = (bytes: Buffer) => Buffer;

const same: ToUtf8 = (bytes) => bytes;

/** Code points of latin1's bytes 80 to 9f. */
const highLatin1: readonly (number | null)[] = [
  0x20ac,
  null,
  0x201a,
  0x0192,
  0x201e,
  0x2026,
  0x2020,
  0x2021,
  0x02c6,
  0x2030,
  0x0160,
  0x2039,
  0x0152,
  null,
  0x017d,
  null,
  null,
  0x2018,
  0x2019,
  0x201c,
  0x201d,
  0x2022,
  0x2013,
  0x2014,
  0x02dc,
  0x2122,
  0x0161,
  0x203a,
  0x0153,
  null,
  0x017e,
  0x0178,
];

/** A character set of one byte a character. */
function codePage(points: readonly number[]): ToUtf8 {
  const utf8 = points.map((point) => Buffer.from(String.fromCodePoint(point), "utf8"));
  return (bytes) => {
    if (!bytes.some((byte) => byte >= 0x80)) return bytes;
    return Buffer.concat(Array.from(bytes, (byte) => utf8[byte] as Buffer));
  };
}

function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
}

/** MySQL's latin1 is Windows' code page 1252, with its five free places as the control characters of the same number. */
const latin1 = codePage(
  Array.from({ length: 256 }, (_, byte) => (byte < 0x80 || byte >= 0xa0 ? byte : (highLatin1[byte - 0x80] ?? byte))),
);

const converters: Readonly<Record<string, ToUtf8>> = {
  utf8mb4: same,
  utf8mb3: same,
  utf8: same,
  binary: same,
  ascii: codePage(Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? byte : 0x3f))),
  latin1,
  ucs2: (bytes) => Buffer.from(swapped(bytes).toString("utf16le"), "utf8"),
  utf16: (bytes) => Buffer.from(swapped(bytes).toString("utf16le"), "utf8"),
  utf16le: (bytes) => Buffer.from(bytes.toString("utf16le"), "utf8"),
  utf32: (bytes) => {
    let text = "";
    for (let at = 0; at + 4 <= bytes.length; at += 4) text += String.fromCodePoint(bytes.readUInt32BE(at));
    return Buffer.from(text, "utf8");
  },
};

/** null: the server has to be asked, because only it knows that character set as it does. */
export function utf8Converter(charset: string | null): ToUtf8 | null {
  return converters[charset ?? "utf8mb4"] ?? null;
}
