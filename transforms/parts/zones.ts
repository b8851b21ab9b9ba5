import { day } from "./dates.ts";

/** A place's clock. */
export interface Zone {
  /** Minutes east of UTC when it is always the same, else null. */
  readonly fixed: number | null;
  /** Milliseconds east of UTC at a moment. */
  at(milliseconds: number): number;
}

const minute = 60_000;
const quarterHour = 15 * minute;
/** Days of which a zone's offset is remembered: more than a century. */
const mostDays = 50_000;

/** `UTC`, `+05:30` or a name of the time zone database; null when it is none of them. */
export function zoneOf(name: string): Zone | null {
  const [, sign, hours, minutes] = /^([+-])(\d\d):([0-5]\d)$/.exec(name) ?? [];
  if (name.toUpperCase() === "UTC") return fixedZone(0);
  if (sign !== undefined) {
    const size = Number(hours) * 60 + Number(minutes);
    // MySQL's own bounds.
    return size > 14 * 60 ? null : fixedZone(sign === "-" ? -size : size);
  }
  return named(name);
}

const fixedZone = (offset: number): Zone => ({ fixed: offset, at: () => offset * minute });

function named(name: string): Zone | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch {
    return null;
  }
  const ask = (milliseconds: number): number => {
    const text = format.formatToParts(milliseconds).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours = "0", minutes = "0", seconds = "0"] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(text) ?? [];
    const size = (Number(hours) * 60 + Number(minutes)) * minute + Number(seconds) * 1000;
    return sign === "-" ? -size : size;
  };
  // Asking takes longer than all else that is done to a row, and the rows of a table are of some thousand days.
  const days = new Map<number, number>();
  const startOf = (number: number): number => {
    const known = days.get(number);
    if (known !== undefined) return known;
    if (days.size === mostDays) days.clear();
    const offset = ask(number * day);
    days.set(number, offset);
    return offset;
  };
  // Clocks change on a quarter of an hour, and none changed there and back within a day (all 418 zones, 1970 to 2037).
  let quarter = Number.NaN;
  let offset = 0;
  return {
    fixed: null,
    at(milliseconds) {
      const today = Math.floor(milliseconds / day);
      const start = startOf(today);
      if (start === startOf(today + 1)) return start;
      const now = Math.floor(milliseconds / quarterHour);
      if (now !== quarter) offset = ask(now * quarterHour);
      quarter = now;
      return offset;
    },
  };
}

/**
 * A clock's reading, as milliseconds, under another zone. A reading that its own zone has twice is taken as the first
 * one; one that it skips as if the clock had not been set forward yet.
 */
export function moved(reading: number, from: Zone, to: Zone): number {
  const moment = momentOf(reading, from);
  return moment + to.at(moment);
}

function momentOf(reading: number, zone: Zone): number {
  const [before, after] = [zone.at(reading - day), zone.at(reading + day)];
  if (before === after) return reading - before;
  const candidates = [reading - before, reading - after].filter((moment) => moment + zone.at(moment) === reading);
  return candidates.length === 0 ? reading - before : Math.min(...candidates);
}
