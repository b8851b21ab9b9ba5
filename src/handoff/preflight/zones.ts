import type { HandoffTable } from "../../contracts/handoff.ts";

const literal = "(?:_\\w+\\s*)?'([^']*)'";
/** Zones that are columns or other expressions are not known before there are rows. */
const conversion = new RegExp(`\\bconvert_tz\\s*\\([\\s\\S]*?,\\s*${literal}\\s*,\\s*${literal}\\s*\\)`, "gi");

/** Pure: the time zones that SQL twins name; plain offsets and the server's own are no names. */
export function zonesIn(tables: readonly Pick<HandoffTable, "columns">[]): string[] {
  const zones = tables
    .flatMap(({ columns }) => columns)
    .flatMap(({ expression }) => [...expression.matchAll(conversion)])
    .flatMap(([, from = "", to = ""]) => [from, to])
    .filter((zone) => /^[A-Za-z]/.test(zone) && zone.toUpperCase() !== "SYSTEM");
  return [...new Set(zones)].sort();
}
