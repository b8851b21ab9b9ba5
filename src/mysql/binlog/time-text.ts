import type { BytesReader } from "./bytes-reader.ts";

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
const four = (value: number): string => String(value).padStart(4, "0");

/** Bytes that hold the fraction of a second with `fsp` digits. */
const fractionBytes = (fsp: number): number => (fsp + 1) >> 1;

function fractionText(micros: number, fsp: number): string {
  return fsp === 0 ? "" : `.${String(micros).padStart(6, "0").slice(0, fsp)}`;
}

function readMicros(reader: BytesReader, fsp: number): number {
  const width = fractionBytes(fsp);
  return width === 0 ? 0 : reader.uintBE(width) * 100 ** (3 - width);
}

/** DATE, three bytes: 5 bits of day, 4 of month, 15 of year. */
export function dateText(reader: BytesReader): string {
  const value = reader.uint(3);
  return `${four(value >> 9)}-${two((value >> 5) & 15)}-${two(value & 31)}`;
}

/** TIME, three bytes and those of its fraction, all as one number around an offset. */
export function timeText(reader: BytesReader, fsp: number): string {
  const width = fractionBytes(fsp);
  const stored = reader.uintBE(3 + width);
  const value = stored - 0x800000 * 256 ** width;
  const amount = Math.abs(value);
  const clock = Math.floor(amount / 256 ** width);
  const micros = (amount % 256 ** width) * 100 ** (3 - width);
  const text = `${two((clock >> 12) & 1023)}:${two((clock >> 6) & 63)}:${two(clock & 63)}`;
  return `${value < 0 ? "-" : ""}${text}${fractionText(width === 0 ? 0 : micros, fsp)}`;
}

/** DATETIME, five bytes and those of its fraction. */
export function datetimeText(reader: BytesReader, fsp: number): string {
  const value = reader.uintBE(5) - 0x8000000000;
  const clock = value % 2 ** 17;
  const day = Math.floor(value / 2 ** 17);
  return dayText(day) + clockText(clock) + fractionText(readMicros(reader, fsp), fsp);
}

function dayText(day: number): string {
  const months = day >> 5;
  return `${four(Math.floor(months / 13))}-${two(months % 13)}-${two(day & 31)}`;
}

function clockText(clock: number): string {
  return ` ${two(clock >> 12)}:${two((clock >> 6) & 63)}:${two(clock & 63)}`;
}

/** TIMESTAMP, four bytes of seconds and those of its fraction, in UTC. */
export function timestampText(reader: BytesReader, fsp: number): string {
  const seconds = reader.uintBE(4);
  const micros = readMicros(reader, fsp);
  const fraction = fractionText(micros, fsp);
  if (seconds === 0 && micros === 0) return `0000-00-00 00:00:00${fraction}`;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")}${fraction}`;
}

/** What a JSON document holds of a DATE (10), TIME (11), TIMESTAMP (7) or DATETIME (12): always with six digits. */
export function packedTimeText(type: number, packed: bigint): string {
  const negative = packed < 0n;
  const amount = negative ? -packed : packed;
  const fraction = fractionText(Number(amount & 0xffffffn), 6);
  const value = Number(amount >> 24n);
  if (type === 11) {
    const text = `${two((value >> 12) & 1023)}:${two((value >> 6) & 63)}:${two(value & 63)}`;
    return `${negative ? "-" : ""}${text}${fraction}`;
  }
  const day = dayText(Math.floor(value / 2 ** 17));
  return type === 10 ? day : `${day}${clockText(value % 2 ** 17)}${fraction}`;
}
