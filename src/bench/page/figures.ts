/** A figure for reading: three digits that count, thousands separated, the same in every locale. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const decimals = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: decimals });
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
