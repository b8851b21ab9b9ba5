import type { CellKind } from "../../src/contracts/schema.ts";
import type { NewSpan } from "../../src/contracts/transform.ts";

export const dateKinds: readonly CellKind[] = ["date", "datetime", "timestamp"];

/** Is the year, month or day zero? Such a date has no place in a calendar. Positions are those of `2024-02-29`, from `start` on. */
export function isPartial(date: Uint8Array, start = 0): boolean {
  return zeros(date, start, 4) || zeros(date, start + 5, 2) || zeros(date, start + 8, 2);
}

function zeros(date: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (date[i] !== 0x30) return false;
  return true;
}

/** The same in SQL, from the cell's bytes. */
export function partialSql(bytes: string): string {
  return `(LEFT(${bytes}, 4) = x'30303030' OR SUBSTRING(${bytes}, 6, 2) = x'3030' OR SUBSTRING(${bytes}, 9, 2) = x'3030')`;
}

export const day = 86_400_000;
/** Bytes of a date. */
export const dateBytes = 10;
/** Bytes of a date with a time of whole seconds. */
export const datetimeBytes = 19;
/** 0001-01-01 and 10000-01-01. */
const earliest = -62_135_596_800_000;
const end = 253_402_300_800_000;
/** The calendar repeats itself after 400 years, and JavaScript takes the years 0 to 99 for others. */
const cycle = { years: 400, milliseconds: 146_097 * day };

/** Milliseconds of the date at `start`, as UTC in the Gregorian calendar; with the whole seconds of its time if it has one. */
export function millisecondsAt(text: Uint8Array, start: number, withTime: boolean): number {
  const two = (at: number): number =>
    ((text[start + at] as number) - 0x30) * 10 + (text[start + at + 1] as number) - 0x30;
  const [year, month, day] = [two(0) * 100 + two(2) + cycle.years, two(5) - 1, two(8)];
  const moment = withTime ? Date.UTC(year, month, day, two(11), two(14), two(17)) : Date.UTC(year, month, day);
  return moment - cycle.milliseconds;
}

/** Appends `2024-02-29` or, with its time, `2024-02-29 12:00:00`; throws for years that MySQL has not. */
export function appendDate(span: NewSpan, milliseconds: number, withTime: boolean): void {
  if (milliseconds < earliest || milliseconds >= end) throw new RangeError("the date leaves the years 1 to 9999");
  const { bytes, end: start } = span;
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  const two = (at: number, number: number, sign = 0): void => {
    bytes[start + at] = 0x30 + Math.floor(number / 10);
    bytes[start + at + 1] = 0x30 + (number % 10);
    if (sign !== 0) bytes[start + at + 2] = sign;
  };
  two(0, Math.floor(year / 100));
  two(2, year % 100, dash);
  two(5, date.getUTCMonth() + 1, dash);
  two(8, date.getUTCDate());
  span.end = start + dateBytes;
  if (!withTime) return;
  bytes[start + dateBytes] = 0x20;
  two(11, date.getUTCHours(), colon);
  two(14, date.getUTCMinutes(), colon);
  two(17, date.getUTCSeconds());
  span.end = start + datetimeBytes;
}

const dash = 0x2d;
const colon = 0x3a;
