import type { Column } from "../contracts/schema.ts";
import { cellLiteral } from "../mysql/literal.ts";

/**
 * A SQL literal about halfway between two values of a column, `low` included and `high` excluded where the arithmetic
 * allows it; null when the kind has no middle to compute. Values are as the text protocol prints them, binary and bit
 * as bytes. It is only a place to look from: the server decides which real key lies next to it, so a poor guess costs
 * balance, never rows.
 */
export function midpointLiteral(column: Column, low: Buffer, high: Buffer): string | null {
  const text = (value: Buffer): string => value.toString("utf8");
  const literal = (value: string): string => cellLiteral(column, Buffer.from(value));
  switch (column.kind) {
    case "integer":
    case "year":
    case "decimal":
      return literal(betweenDecimals(text(low), text(high)));
    case "float":
    case "double":
      // Halved before adding: the sum of two large doubles is infinite.
      return literal(String(Number(text(low)) / 2 + Number(text(high)) / 2));
    case "binary":
    case "bit":
      return cellLiteral(column, betweenBytes(low, high));
    case "text":
      return literal(betweenTexts(text(low), text(high), column));
    case "date":
    case "datetime":
    case "timestamp":
      return literal(betweenMoments(text(low), text(high), column.kind === "date"));
    case "time":
      return literal(betweenTimes(text(low), text(high)));
    default:
      return null;
  }
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
const depth = 6;
/** The order most collations give ASCII: signs, digits, letters without case. A binary collation goes by code point. */
const usualOrder = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~0123456789abcdefghijklmnopqrstuvwxyz";
const unicodeCharsets = new Set(["utf8mb4", "utf8mb3", "utf8", "utf16", "utf16le", "utf32"]);
const surrogates = { first: 0xd800, last: 0xdfff } as const;
const lastCodePoint = 0x10ffff;

/**
 * Texts as fractions over an alphabet in about the collation's order. Only characters the column's character set surely
 * has are used: MySQL refuses to compare latin1 to a text it cannot convert.
 */
export function betweenTexts(low: string, high: string, column: Pick<Column, "charset" | "collation">): string {
  const binary = column.collation?.endsWith("_bin") ?? false;
  const rank = binary ? (code: number) => code + 1 : usualRank;
  const unrank = binary ? (place: number) => place - 1 : usualCode;
  const highest = unicodeCharsets.has(column.charset ?? "") ? lastCodePoint : 0x7e;
  const lows = Array.from(low, (character) => character.codePointAt(0) ?? 0);
  const highs = Array.from(high, (character) => character.codePointAt(0) ?? 0);
  let common = 0;
  while (common < lows.length && lows[common] === highs[common]) common++;
  const base = BigInt(rank(lastCodePoint) + 1);
  const number = (codes: number[]): bigint =>
    Array.from({ length: depth }, (_, at) => codes[common + at]).reduce(
      (sum, code) => sum * base + BigInt(code === undefined ? 0 : rank(code)),
      0n,
    );
  let mean = floorMean(number(lows), number(highs));
  const places: number[] = [];
  for (let at = 0; at < depth; at++) {
    places.unshift(Number(mean % base));
    mean /= base;
  }
  const middle = places.map((place) => storable(place === 0 ? 0x20 : unrank(place), highest));
  return String.fromCodePoint(...lows.slice(0, common), ...middle.slice(0, 2));
}

function usualRank(code: number): number {
  if (code >= 0x80) return usualOrder.length + 1 + code - 0x80;
  const at = usualOrder.indexOf(String.fromCodePoint(code).toLowerCase());
  return at + 1;
}

function usualCode(place: number): number {
  if (place > usualOrder.length) return place - usualOrder.length - 1 + 0x80;
  return usualOrder.codePointAt(Math.max(0, place - 1)) ?? 0x20;
}

function storable(code: number, highest: number): number {
  const within = Math.min(Math.max(code, 0), highest);
  return within >= surrogates.first && within <= surrogates.last ? surrogates.first - 1 : within;
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

function betweenMoments(low: string, high: string, onlyDate: boolean): string {
  const mean = floorMean(microsecondsOf(low), microsecondsOf(high));
  const milliseconds = mean / 1_000n - (mean % 1_000n < 0n ? 1n : 0n);
  const micros = (mean - milliseconds * 1_000n).toString().padStart(3, "0");
  const iso = new Date(Number(milliseconds)).toISOString();
  const digits = Math.max(fraction(low).length, fraction(high).length);
  return onlyDate
    ? iso.slice(0, 10)
    : `${iso.slice(0, 19).replace("T", " ")}${part(`${iso.slice(20, 23)}${micros}`, digits)}`;
}

/** `-838:59:59.000000` as microseconds. */
const clock = /^(-?)(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/;

function betweenTimes(low: string, high: string): string {
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
