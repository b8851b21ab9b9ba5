/** Marks of an axis, ascending, and how they are read. */
export interface Ticks {
  readonly low: number;
  readonly high: number;
  readonly at: readonly number[];
}

/** Round marks around `low` to `high`, about `wanted` of them; the axis ends on marks. */
export function valueTicks(low: number, high: number, wanted = 4): Ticks {
  const span = high > low ? high - low : 1;
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil((low + span) / step - 1e-9));
  // Multiples, not sums: adding 0.1 ten times is not 1.
  const at = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { low: at[0] as number, high: at.at(-1) as number, at };
}

const timeSteps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** Marks of a time axis from `low` to `high` seconds, in steps that clocks have; the axis ends where the figures do. */
export function timeTicks(low: number, high: number, wanted = 6): Ticks & { readonly step: number } {
  const span = high > low ? high - low : 1;
  const step =
    span < wanted
      ? 10 ** Math.floor(Math.log10(span)) / 2
      : (timeSteps.find((one) => span / one <= wanted) ?? Math.ceil(span / wanted / 86_400) * 86_400);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.min(24, Math.floor((low + span) / step + 1e-9) - first + 1);
  const at = Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { low, high: low + span, at, step };
}

/** A mark of a time axis in the unit that fits its step. */
export function timeText(seconds: number, step: number): string {
  if (seconds === 0) return "0";
  if (step >= 3600) return `${seconds / 3600} h`;
  if (step >= 60) return `${seconds / 60} min`;
  return `${seconds} s`;
}
