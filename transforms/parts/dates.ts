import type { CellKind } from "../../src/contracts/schema.ts";

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

const day = 86_400_000;
/** 0001-01-01 and 10000-01-01. */
const earliest = -62_135_596_800_000;
const end = 253_402_300_800_000;

/** Milliseconds of `2024-02-29`, with or without a time of whole seconds, as UTC in the Gregorian calendar. */
export function millisecondsOf(text: string): number {
  const number = (from: number, to: number): number => Number(text.slice(from, to));
  const date = new Date(0);
  date.setUTCFullYear(number(0, 4), number(5, 7) - 1, number(8, 10));
  if (text.length > 10) date.setUTCHours(number(11, 13), number(14, 16), number(17, 19));
  return date.getTime();
}

/** `2024-02-29 12:00:00`; throws for years that MySQL has not. */
export function datetimeOf(milliseconds: number): string {
  if (milliseconds < earliest || milliseconds >= end) throw new RangeError("the date leaves the years 1 to 9999");
  return new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
}

/** The day `days` after one. */
export function shiftedDay(date: string, days: number): string {
  return datetimeOf(millisecondsOf(date) + days * day).slice(0, 10);
}
