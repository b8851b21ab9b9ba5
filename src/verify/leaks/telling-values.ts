import type { CellKind } from "../../contracts/schema.ts";

/** Fewer bytes stand in any text by chance, and the search looks at windows of this length. */
export const shortestValue = 6;
/** Of longer values this much is looked for, so that memory does not depend on what columns hold. */
export const longestLookedFor = 64;
/** A value that is shorter, or a number, has to stand by itself: `kramer` is not in `kramers`. */
const longEnoughAnywhere = 12;
/** Numbers, and dates among them, need more digits than a date has before finding one says anything. */
const fewestDigits = 9;
const fewestCharacters = 4;

/** Something to look for. */
export interface TellingValue {
  /** In lower case (ASCII), at most {@link longestLookedFor}. */
  readonly bytes: Buffer;
  /** Only where no letter or digit stands right before or after it? */
  readonly alone: boolean;
  /** Words, like a country or a status: they tell nothing of a person where many rows have the same. */
  readonly words: boolean;
}

/**
 * Kinds whose values tell rows apart. Dates, times, years, enums, flags and floating point numbers have few values: one
 * that is found somewhere else says nothing.
 */
const tellingKinds: ReadonlySet<CellKind> = new Set<CellKind>([
  ...(["text", "json", "binary", "integer", "decimal", "geometry", "vector"] as const),
]);

/** What of a cell is worth looking for; of a document its texts and numbers. `after` is what the chain made of it. */
export function tellingValues(kind: CellKind, before: Buffer, after: Buffer | null): TellingValue[] {
  if (!tellingKinds.has(kind)) return [];
  if (kind !== "json") return telling(before, kind);
  const left = new Set(after === null ? [] : leavesOf(after));
  const gone = new Set(leavesOf(before).filter((leaf) => !left.has(leaf)));
  return [...gone].flatMap((leaf) => telling(Buffer.from(leaf), "text"));
}

function telling(value: Buffer, kind: CellKind): TellingValue[] {
  if (value.length < shortestValue) return [];
  const cut = Buffer.from(value.subarray(0, longestLookedFor));
  for (let i = 0; i < cut.length; i++) cut[i] = folded[cut[i] as number] as number;
  if (new Set(cut).size < fewestCharacters) return [];
  if (kind === "binary" || kind === "geometry" || kind === "vector") {
    return [{ bytes: cut, alone: false, words: false }];
  }
  const text = cut.toString("latin1");
  const isNumber = !/[a-z\x80-\xff]/.test(text);
  const digits = text.replace(/\D/g, "").length;
  if (isNumber && digits < fewestDigits) return [];
  const alone = value.length <= longestLookedFor && (isNumber || value.length < longEnoughAnywhere);
  return [{ bytes: cut, alone, words: digits === 0 && !text.includes("@") }];
}

/** Texts and numbers of a document, as MySQL prints it; the names of members are none. */
function leavesOf(document: Buffer): string[] {
  const tokens = document.toString("utf8").matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*/gs);
  return Array.from(tokens).flatMap(([token, isName]) => {
    if (isName !== undefined) return [];
    return token.startsWith('"') ? [JSON.parse(token) as string] : [token];
  });
}

/** Per byte the byte it is compared as: ASCII letters in lower case. */
export const folded: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** Is the (folded) byte part of a word? Everything beyond ASCII counts as a letter. */
export function isWordByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte >= 0x80;
}
