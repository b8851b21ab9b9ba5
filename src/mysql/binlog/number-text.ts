/** Digits up to which a number is written out in full; DBL_DIG of C. */
const PLAIN_DIGITS = 15;
/** Characters MySQL gives a DOUBLE column, and a FLOAT cast to DOUBLE, that SQL converts to text; more take an exponent. */
const DOUBLE_WIDTH = 24;
const FLOAT_WIDTH = 22;

/** The fewest digits that make the same double again, and where its decimal point is: 0.0012 is 12 with point -2. */
function shortest(value: number): { digits: string; point: number } {
  const [mantissa = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "").replace(/0+$/, "");
  return { digits: digits === "" ? "0" : digits, point: Number(exponent) + 1 };
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

function plain(digits: string, point: number): string {
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return digits + "0".repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A value of a DOUBLE column as `CAST(… AS CHAR)` writes it. */
export function doubleText(value: number): string {
  return numberText(value, DOUBLE_WIDTH);
}

/** A value of a FLOAT column as `CAST(CAST(… AS DOUBLE) AS CHAR)` writes it; nine digits would make it come back the same. */
export function floatText(value: number): string {
  return numberText(value, FLOAT_WIDTH);
}

/** A number inside of a JSON document, where there is room for any. */
export function jsonNumberText(value: number): string {
  const text = numberText(value, Number.POSITIVE_INFINITY);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function numberText(value: number, width: number): string {
  const sign = signOf(value);
  if (value === 0) return `${sign}0`;
  const { digits, point } = shortest(value);
  const written = plain(digits, point);
  const small = point < 1 - PLAIN_DIGITS;
  const large = point > PLAIN_DIGITS && digits.length <= point;
  if (!small && !large && sign.length + written.length <= width) return sign + written;
  const withExponent = scientific(digits, point);
  const over = sign.length + withExponent.length - width;
  if (over <= 0) return sign + withExponent;
  const [mantissa = "", exponent = "0"] = Math.abs(value)
    .toExponential(digits.length - 1 - over)
    .split("e");
  return sign + scientific(mantissa.replace(".", "").replace(/0+$/, ""), Number(exponent) + 1);
}

function scientific(digits: string, point: number): string {
  return `${digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`}e${point - 1}`;
}

/** A double with a fixed number of decimals, as a column of type DOUBLE(M,D) writes it. */
export function fixedText(value: number, decimals: number): string {
  const { digits, point } = shortest(value);
  const sign = signOf(value);
  if (value === 0) return sign + plain("0".repeat(decimals + 1), 1);
  // The fewest digits that make the double again are taken as its exact value, as long as they are not too many.
  if (digits.length - point <= decimals) {
    const padded = digits + "0".repeat(Math.max(0, decimals + point - digits.length));
    return sign + plain(padded, point);
  }
  return sign + Math.abs(value).toFixed(decimals);
}

const groupBytes = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const;

export function decimalBytes(precision: number, scale: number): number {
  const whole = precision - scale;
  const size = (digits: number): number => Math.floor(digits / 9) * 4 + (groupBytes[digits % 9] as number);
  return size(whole) + size(scale);
}

/** A DECIMAL as it is stored: groups of nine digits in four bytes, highest first, sign in the first bit. */
export function decimalText(bytes: Buffer, precision: number, scale: number): string {
  const copy = Buffer.from(bytes);
  const negative = ((copy[0] as number) & 0x80) === 0;
  copy[0] = (copy[0] as number) ^ 0x80;
  if (negative) for (let i = 0; i < copy.length; i++) copy[i] = (copy[i] as number) ^ 0xff;
  let at = 0;
  const group = (digits: number): string => {
    const width = groupBytes[digits] as number;
    const value = width === 0 ? 0 : copy.readUIntBE(at, width);
    at += width;
    return digits === 0 ? "" : String(value).padStart(digits, "0");
  };
  const whole = precision - scale;
  let integer = group(whole % 9);
  for (let i = 0; i < Math.floor(whole / 9); i++) integer += group(9);
  let fraction = "";
  for (let i = 0; i < Math.floor(scale / 9); i++) fraction += group(9);
  fraction += group(scale % 9);
  return `${negative ? "-" : ""}${integer.replace(/^0+/, "") || "0"}${scale > 0 ? `.${fraction}` : ""}`;
}
