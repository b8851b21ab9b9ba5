import type { CellKind, Column } from "../contracts/schema.ts";

/**
 * A value about halfway between two values of a column, `low` included and `high` excluded where the arithmetic
 * allows it; null when the kind has no middle to compute. Values are as the text protocol prints them, binary and bit
 * as bytes. It is only a place to look from: the server decides which real key lies next to it, so a poor guess costs
 * balance, never rows.
 */
export function midpoint(column: Pick<Column, "kind" | "collation">, low: Buffer, high: Buffer): Buffer | null {
  if (column.kind === "binary" || column.kind === "bit") return betweenBytes(low, high);
  const between = textMeans[column.kind];
  return between === undefined
    ? null
    : Buffer.from(between(low.toString("utf8"), high.toString("utf8"), column.collation));
}

type TextMean = (low: string, high: string, collation: string | null) => string;

const textMeans: Readonly<Partial<Record<CellKind, TextMean>>> = {
  integer: betweenDecimals,
  year: betweenDecimals,
  decimal: betweenDecimals,
  double: betweenDoubles,
  text: betweenTexts,
  date: (low, high) => betweenMoments(low, high).slice(0, "2024-01-31".length),
  datetime: betweenMoments,
  timestamp: betweenMoments,
  time: betweenTimes,
};

/** The mean of the places in the row of all doubles, which is fair to powers of ten and close enough for others. */
function betweenDoubles(low: string, high: string): string {
  const view = new DataView(new ArrayBuffer(8));
  const place = (text: string): bigint => {
    view.setFloat64(0, Number(text));
    const bits = view.getBigInt64(0);
    return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
  };
  const mean = floorMean(place(low), place(high));
  view.setBigInt64(0, mean < 0n ? -mean : mean);
  const size = view.getFloat64(0);
  return String(mean < 0n ? -size : size);
}

/** Floor of the mean, in exact integers scaled to the longer fraction. */
export function betweenDecimals(low: string, high: string): string {
  const scale = Math.max(fraction(low).length, fraction(high).length);
  const mean = floorMean(scaled(low, scale), scaled(high, scale));
  const digits = (mean < 0n ? -mean : mean).toString().padStart(scale + 1, "0");
  const sign = mean < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const fraction = (text: string): string => text.split(".")[1] ?? "";
const scaled = (text: string, scale: number): bigint =>
  BigInt(text.replace(".", "") + "0".repeat(scale - fraction(text).length));
/** BigInt division truncates; an arithmetic shift rounds towards negative infinity, also for negative sums. */
const floorMean = (low: bigint, high: bigint): bigint => (low + high) >> 1n;

/** Bytes as a base-256 fraction, one byte longer than both so that neighbours have something in between. */
export function betweenBytes(low: Buffer, high: Buffer): Buffer {
  const length = Math.max(low.length, high.length);
  const number = (bytes: Buffer): bigint => BigInt(`0x0${bytes.toString("hex").padEnd(length * 2, "0")}`);
  const mean = floorMean(number(low), number(high));
  return Buffer.from(mean.toString(16).padStart(length * 2, "0"), "hex");
}

/** Characters compared after the first difference; more do not move the middle. */
const depth = 4;
/** The order most collations give ASCII: signs, digits, letters without case. */
const usualOrder = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~0123456789abcdefghijklmnopqrstuvwxyz";
const beyondAscii = usualOrder.length + 1;
const surrogates = { first: 0xd800, last: 0xdfff } as const;
const lastCodePoint = 0x10ffff;

/**
 * Texts as fractions over an alphabet in about the collation's order: code points for a binary collation, ASCII without
 * case or accents for any other. Beyond ASCII scripts follow one another much as their code points do.
 */
export function betweenTexts(low: string, high: string, collation: string | null): string {
  const lows = Array.from(low);
  const highs = Array.from(high);
  let common = 0;
  while (common < lows.length && lows[common] === highs[common]) common++;
  const rests = [lows.slice(common), highs.slice(common)] as const;
  const middle = collation?.endsWith("_bin") ? betweenCodes(...rests) : betweenLetters(...rests);
  return lows.slice(0, common).join("") + middle;
}

function betweenCodes(low: readonly string[], high: readonly string[]): string {
  return betweenRanks(
    low.map((letter) => codeOf(letter) + 1),
    high.map((letter) => codeOf(letter) + 1),
    lastCodePoint + 1,
  )
    .map((place) => character(place - 1))
    .join("");
}

function betweenLetters(low: readonly string[], high: readonly string[]): string {
  const lows = low.map(usualRank);
  const highs = high.map(usualRank);
  if (lows[0] === beyondAscii && highs[0] === beyondAscii) {
    const [from, to] = [codeOf(low[0] ?? ""), codeOf(high[0] ?? "")];
    if (from < to) return character(Math.floor((from + to) / 2));
  }
  // Signs and emoji sort before ASCII letters, other scripts after them; Å is an A to most, beyond Z to Swedes.
  if (lows[0] === beyondAscii) lows[0] = 0;
  if ((lows[0] ?? 0) > (highs[0] ?? 0) && codeOf(high[0] ?? "") >= 0x80) highs[0] = beyondAscii;
  return betweenRanks(lows, highs, beyondAscii)
    .map((place) => usualOrder[Math.min(place, usualOrder.length) - 1] ?? " ")
    .join("");
}

/** The first two places of the mean of two fractions in base `highest + 1`; 0 stands for the end of a text. */
function betweenRanks(low: readonly number[], high: readonly number[], highest: number): number[] {
  const base = BigInt(highest + 1);
  const number = (ranks: readonly number[]): bigint =>
    Array.from({ length: depth }, (_, at) => ranks[at] ?? 0).reduce((sum, rank) => sum * base + BigInt(rank), 0n);
  let mean = floorMean(number(low), number(high));
  const places: number[] = [];
  for (let at = 0; at < depth; at++) {
    places.unshift(Number(mean % base));
    mean /= base;
  }
  return places.slice(0, 2);
}

const codeOf = (letter: string): number => letter.codePointAt(0) ?? 0;

function usualRank(letter: string): number {
  const bare = letter.normalize("NFD").slice(0, 1).toLowerCase();
  const at = usualOrder.indexOf(bare);
  if (at >= 0) return at + 1;
  return codeOf(letter) < 0x20 ? 0 : beyondAscii;
}

function character(code: number): string {
  const within = Math.min(Math.max(code, 0), lastCodePoint);
  return String.fromCodePoint(within >= surrogates.first && within <= surrogates.last ? surrogates.first - 1 : within);
}

/** `2024-01-31` with or without ` 12:34:56.789`; zero months and days count as the first. */
const moment = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?$/;

function microsecondsOf(text: string): bigint {
  const [, year, month, day, hours, minutes, seconds, part] = moment.exec(text) ?? [];
  // Date.UTC would take the years 0..99 for 1900..1999.
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Math.max(1, Number(month)) - 1, Math.max(1, Number(day)));
  date.setUTCHours(Number(hours ?? 0), Number(minutes ?? 0), Number(seconds ?? 0));
  return BigInt(date.getTime()) * 1_000n + BigInt((part ?? "").padEnd(6, "0"));
}

export function betweenMoments(low: string, high: string): string {
  const mean = floorMean(microsecondsOf(low), microsecondsOf(high));
  const milliseconds = mean / 1_000n - (mean % 1_000n < 0n ? 1n : 0n);
  const micros = (mean - milliseconds * 1_000n).toString().padStart(3, "0");
  const iso = new Date(Number(milliseconds)).toISOString();
  const digits = Math.max(fraction(low).length, fraction(high).length);
  return `${iso.slice(0, 19).replace("T", " ")}${part(`${iso.slice(20, 23)}${micros}`, digits)}`;
}

/** `-838:59:59.000000` as microseconds. */
const clock = /^(-?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/;

export function betweenTimes(low: string, high: string): string {
  const micros = (text: string): bigint => {
    const [, sign, hours, minutes, seconds, rest] = clock.exec(text) ?? [];
    const whole = (BigInt(hours ?? 0) * 60n + BigInt(minutes ?? 0)) * 60n + BigInt(seconds ?? 0);
    const size = whole * 1_000_000n + BigInt((rest ?? "").padEnd(6, "0"));
    return sign === "-" ? -size : size;
  };
  const mean = floorMean(micros(low), micros(high));
  const size = mean < 0n ? -mean : mean;
  const seconds = size / 1_000_000n;
  const two = (value: bigint): string => value.toString().padStart(2, "0");
  const digits = Math.max(fraction(low).length, fraction(high).length);
  return `${mean < 0n ? "-" : ""}${two(seconds / 3_600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${part((size % 1_000_000n).toString().padStart(6, "0"), digits)}`;
}

/** Cut, not rounded, to the column's digits: a rounded middle could pass the upper value. */
const part = (sixDigits: string, digits: number): string => (digits === 0 ? "" : `.${sixDigits.slice(0, digits)}`);
