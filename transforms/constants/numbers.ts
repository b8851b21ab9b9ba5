import type { Column } from "../../src/contracts/schema.ts";

const bits: Readonly<Record<string, bigint>> = { tinyint: 8n, smallint: 16n, mediumint: 24n, int: 32n, bigint: 64n };

/** Digits of an integer that is in the type's range; null otherwise. ZEROFILL prints padded and is not supported. */
export function integerText(column: Column, text: string): string | null {
  const width = bits[/^[a-z]+/i.exec(column.type)?.[0].toLowerCase() ?? ""];
  if (width === undefined || !/^[+-]?\d{1,20}$/.test(text) || /zerofill/i.test(column.type)) return null;
  const value = BigInt(text.replace(/^\+/, ""));
  const min = column.unsigned ? 0n : -(1n << (width - 1n));
  const max = column.unsigned ? (1n << width) - 1n : (1n << (width - 1n)) - 1n;
  return value < min || value > max ? null : value.toString();
}

/** A decimal with all of its type's places, without rounding; null when it does not fit. */
export function decimalText(column: Column, text: string): string | null {
  const [, precision = "10", scale = "0"] = /\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)/.exec(column.type) ?? [];
  const parts = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
  if (parts === null || !/\d/.test(text) || /zerofill/i.test(column.type)) return null;
  const [, sign, whole = "", fraction = ""] = parts;
  const negative = sign === "-" && /[1-9]/.test(whole + fraction);
  if (fraction.length > Number(scale) || whole.length > Number(precision) - Number(scale)) return null;
  if (negative && column.unsigned) return null;
  const places = scale === "0" ? "" : `.${fraction.padEnd(Number(scale), "0")}`;
  return `${negative ? "-" : ""}${whole === "" ? "0" : whole}${places}`;
}

/**
 * The shortest text of a double; a FLOAT's is that of the double it widens to, as rows carry it. Only where JavaScript
 * and MySQL print alike, which is without an exponent: from 0.000001 up to 10^15, and zero.
 */
export function doubleText(column: Column, text: string): string | null {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || /[(]|zerofill/i.test(column.type)) return null;
  const value = column.kind === "float" ? Math.fround(Number(text)) : Number(text);
  const size = Math.abs(value);
  const alike = size === 0 ? !Object.is(value, -0) : size >= 1e-6 && size < 1e15;
  return alike && !(column.unsigned && value < 0) ? String(value) : null;
}
