import { quoteString } from "../../mysql/identifiers.ts";
import type { Random } from "./random.ts";

/** SQL literals of sample values. Numbers and keywords are written as they are. */
export const text: (value: string) => string = quoteString;

export function hex(value: Uint8Array | string): string {
  return `x'${Buffer.from(value).toString("hex")}'`;
}

/** NULL with that probability, else the literal. */
export function maybe(random: Random, probability: number, literal: () => string): string {
  return random.chance(probability) ? "NULL" : literal();
}

/** `2024-05-17`, anywhere in the years from `first` up to and including `last`. */
export function day(random: Random, first: number, last: number): string {
  return new Date(Date.UTC(random.int(first, last), 0, random.int(1, 365))).toISOString().slice(0, 10);
}

/** `13:05:59.123456`; without a fraction for `digits` 0. */
export function clock(random: Random, digits: number): string {
  const two = (below: number): string => String(random.int(0, below - 1)).padStart(2, "0");
  const whole = `${two(24)}:${two(60)}:${two(60)}`;
  return digits === 0 ? whole : `${whole}.${String(random.int(0, 10 ** digits - 1)).padStart(digits, "0")}`;
}

/** `-12345.67`: `whole` and `scale` digits at most. */
export function decimal(random: Random, whole: number, scale: number): string {
  const digits = (count: number): string => Array.from({ length: count }, () => random.int(0, 9)).join("");
  const left = digits(random.int(1, whole)).replace(/^0+(?=\d)/, "");
  return `${random.chance(0.3) ? "-" : ""}${left}${scale === 0 ? "" : `.${digits(scale)}`}`;
}

const words = [
  "amber",
  "birch",
  "copper",
  "delta",
  "ember",
  "fjord",
  "granite",
  "harbour",
  "indigo",
  "juniper",
  "kestrel",
  "lumen",
  "naïve",
  "Zürich",
  "Łódź",
  "smørrebrød",
  "Αθήνα",
  "Москва",
  "東京",
  "서울",
  "القاهرة",
  "हिन्दी",
  "🚀",
  "👩‍👩‍👧",
  "it's",
  'say "hi"',
  "back\\slash",
  "tab\there",
  "new\nline",
  "100%",
  "under_score",
  "; DROP",
] as const;

/**
 * One to `most` words, cut to `length` characters (code points, as MySQL counts): plain ones, accents, other scripts,
 * four-byte characters, quotes and control characters.
 */
export function prose(random: Random, most: number, length?: number): string {
  const all = Array.from({ length: random.int(1, most) }, () => random.pick(words)).join(" ");
  return length === undefined ? all : [...all].slice(0, length).join("");
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

export function slug(random: Random, length: number): string {
  return Array.from({ length }, () => letters[random.int(0, 35)]).join("");
}
