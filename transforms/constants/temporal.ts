/** `2024-02-29`; null when there is no such day. */
export function dateText(text: string): string | null {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined || Number(year) < 1000) return null;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() + 1 === Number(month) && date.getUTCDate() === Number(day) ? text : null;
}

/** `2024-02-29 12:00:00` with the type's fractional digits (a timestamp is UTC); null when it is none or has more digits. */
export function datetimeText(text: string, fsp: number): string | null {
  const [, date, clock, fraction] =
    /^(\d{4}-\d\d-\d\d)[ T]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?$/.exec(text) ?? [];
  const places = fractionText(fraction, fsp);
  if (date === undefined || places === null || dateText(date) === null) return null;
  return `${date} ${clock}${places}`;
}

/** `-838:59:59.000000`, as TIME prints it; null when it is none. */
export function timeText(text: string, fsp: number): string | null {
  const [, sign, hours, rest, fraction] = /^(-?)(\d{2,3})(:[0-5]\d:[0-5]\d)(?:\.(\d+))?$/.exec(text) ?? [];
  const places = fractionText(fraction, fsp);
  if (hours === undefined || places === null || Number(hours) > 838) return null;
  const clock = `${String(Number(hours)).padStart(2, "0")}${rest}${places}`;
  return /[1-9]/.test(clock) ? `${sign}${clock}` : clock;
}

/** YEAR holds 0000 and 1901 to 2155. */
export function yearText(text: string): string | null {
  if (!/^\d{4}$/.test(text)) return null;
  return text === "0000" || (Number(text) >= 1901 && Number(text) <= 2155) ? text : null;
}

function fractionText(given: string | undefined, fsp: number): string | null {
  const digits = (given ?? "").replace(/0+$/, "");
  if (digits.length > fsp) return null;
  return fsp === 0 ? "" : `.${digits.padEnd(fsp, "0")}`;
}
