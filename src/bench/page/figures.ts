/** A figure for reading: three digits that count unless told how many decimals, thousands separated, the same in every locale. */
export function figureText(value: number, decimals?: number): string {
  if (!Number.isFinite(value)) return "–";
  const most = decimals ?? decimalsOf(value);
  return value.toLocaleString("en", { minimumFractionDigits: decimals ?? 0, maximumFractionDigits: most });
}

/** Decimals for figures that stand in one column. */
export function commonDecimals(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Number.isFinite(value) ? decimalsOf(value) : 0), 0);
}

function decimalsOf(value: number): number {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return 0;
  return size >= 10 ? 1 : size >= 1 ? 2 : 3;
}

/** A figure for an axis: 1,500,000 is 1.5M. */
export function shortText(value: number): string {
  for (const [size, letter] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e4, "k"],
  ] as const) {
    if (Math.abs(value) >= size) return `${trimmed(value / (letter === "k" ? 1e3 : size))}${letter}`;
  }
  return trimmed(value);
}

const trimmed = (value: number): string => value.toLocaleString("en", { maximumSignificantDigits: 3 });

export const percentText = (share: number): string => `${Math.round(share * 100)} %`;
