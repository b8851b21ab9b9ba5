import type { TokenKind } from "./tokens.ts";

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  b: "\b",
  n: "\n",
  r: "\r",
  t: "\t",
  Z: "\x1a",
};

/** A string token's bytes (as latin1 text): quotes doubled inside and backslash escapes undone. */
export function decodeString(raw: string): string {
  const quote = raw[0] ?? "'";
  const body = raw.slice(1, -1).replaceAll(quote + quote, quote);
  if (!body.includes("\\")) return body;
  // `\%` and `\_` keep their backslash outside of patterns too.
  return raw.slice(1, -1).replace(/\\([\s\S])|''|""/g, (whole: string, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped === "%" || escaped === "_" ? whole : (escapes[escaped] ?? escaped);
    return whole[0] === quote ? quote : whole;
  });
}

/** A literal as Vitess's vindexes get it: the text of a number, the bytes of a string or hex literal; null for SQL NULL. */
export interface VindexInput {
  readonly kind: "integer" | "text" | "binary" | "null";
  readonly bytes: Buffer;
}

export const nullInput: VindexInput = { kind: "null", bytes: Buffer.alloc(0) };

/** A one-token literal; null when it is none whose vindex value is exactly known (decimals, floats, bit literals, …). */
export function literalInput(kind: TokenKind, raw: string, negative: boolean): VindexInput | null {
  if (kind === "number") {
    if (!/^[0-9]+$/.test(raw)) return null;
    // Vitess keeps the literal's own text for VARCHAR-like vindexes; leading zeros would make the two texts differ.
    const digits = raw.replace(/^0+(?=[0-9])/, "");
    if (digits !== raw) return null;
    return { kind: "integer", bytes: Buffer.from((negative && digits !== "0" ? "-" : "") + digits, "latin1") };
  }
  if (negative) return null;
  if (kind === "string") return { kind: "text", bytes: Buffer.from(decodeString(raw), "latin1") };
  if (kind === "hex") {
    const hex = raw[1] === "'" ? raw.slice(2, -1) : raw.slice(2);
    if (!/^([0-9a-f]{2})*$/i.test(hex)) return null;
    return { kind: "binary", bytes: Buffer.from(hex, "hex") };
  }
  if (kind === "word" && raw.toUpperCase() === "NULL") return nullInput;
  return null;
}
