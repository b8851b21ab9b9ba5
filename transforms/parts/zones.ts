/** A place's clock. */
export interface Zone {
  /** Minutes east of UTC when it is always the same, else null. */
  readonly fixed: number | null;
  /** Minutes east of UTC at a moment. */
  at(milliseconds: number): number;
}

const minute = 60_000;

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

const fixedZone = (offset: number): Zone => ({ fixed: offset, at: () => offset });

function named(name: string): Zone | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch {
    return null;
  }
  // Clocks change on a quarter of an hour, and rows are often of neighbouring times.
  let quarter = Number.NaN;
  let offset = 0;
  return {
    fixed: null,
    at(milliseconds) {
      const now = Math.floor(milliseconds / (15 * minute));
      if (now === quarter) return offset;
      const text = format.formatToParts(milliseconds).find(({ type }) => type === "timeZoneName")?.value ?? "";
      const [, sign, hours = "0", minutes = "0", seconds = "0"] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(text) ?? [];
      const size = Number(hours) * 60 + Number(minutes) + Number(seconds) / 60;
      quarter = now;
      offset = sign === "-" ? -size : size;
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
  return moment + to.at(moment) * minute;
}

function momentOf(reading: number, zone: Zone): number {
  const before = zone.at(reading - 24 * 60 * minute);
  const after = zone.at(reading + 24 * 60 * minute);
  const candidates = [reading - before * minute, reading - after * minute].filter(
    (moment) => moment + zone.at(moment) * minute === reading,
  );
  return candidates.length === 0 ? reading - before * minute : Math.min(...candidates);
}
