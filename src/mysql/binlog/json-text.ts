import { type BytesReader, bytesReader } from "./bytes-reader.ts";
import { decimalText, jsonNumberText } from "./number-text.ts";
import { packedTimeText } from "./time-text.ts";

/** Types of a stored JSON value; the numbers are the format's. */
const SMALL_OBJECT = 0x00;
const LARGE_OBJECT = 0x01;
const SMALL_ARRAY = 0x02;
const LARGE_ARRAY = 0x03;
const LITERAL = 0x04;
const INT16 = 0x05;
const UINT16 = 0x06;
const INT32 = 0x07;
const UINT32 = 0x08;
const INT64 = 0x09;
const UINT64 = 0x0a;
const DOUBLE = 0x0b;
const STRING = 0x0c;
const OPAQUE = 0x0f;

const literals = ["null", "true", "false"] as const;
const NEWDECIMAL = 246;
const times = new Set([7, 10, 11, 12]);
/** The server refuses documents nested deeper than this. */
const DEEPEST = 120;

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** A JSON column's stored form as the text MySQL prints: keys in stored order, `", "` and `": "` between. */
export function jsonText(stored: Buffer): Buffer {
  // An empty value is what a NOT NULL column holds that was filled by a non-strict statement; it prints as null.
  if (stored.length === 0) return Buffer.from("null");
  return Buffer.from(valueText(stored[0] as number, stored.subarray(1), 0), "utf8");
}

function valueText(type: number, bytes: Buffer, depth: number): string {
  if (depth > DEEPEST) throw new RangeError("a JSON document is nested too deeply");
  const reader = bytesReader(bytes);
  switch (type) {
    case SMALL_OBJECT:
    case LARGE_OBJECT:
      return containerText(bytes, type === LARGE_OBJECT, true, depth);
    case SMALL_ARRAY:
    case LARGE_ARRAY:
      return containerText(bytes, type === LARGE_ARRAY, false, depth);
    case LITERAL:
    case INT16:
    case UINT16:
    case INT32:
    case UINT32:
      return scalarText(type, reader);
    case INT64:
      return reader.bigSigned().toString();
    case UINT64:
      return reader.big().toString();
    case DOUBLE:
      return jsonNumberText(reader.double());
    case STRING:
      return quoted(reader.take(variableLength(reader)).toString("utf8"));
    case OPAQUE:
      return opaqueText(reader);
    default:
      throw new RangeError(`a JSON document has a value of the unknown type ${type}`);
  }
}

function scalarText(type: number, reader: BytesReader): string {
  switch (type) {
    case LITERAL: {
      const text = literals[reader.uint(1)];
      if (text === undefined) throw new RangeError("a JSON document has an unknown literal");
      return text;
    }
    case INT16:
      return String(reader.int(2));
    case UINT16:
      return String(reader.uint(2));
    case INT32:
      return String(reader.int(4));
    default:
      return String(reader.uint(4));
  }
}

/** Is a value of this type small enough to stand in place of its offset? */
function isInline(type: number, large: boolean): boolean {
  return type === LITERAL || type === INT16 || type === UINT16 || (large && (type === INT32 || type === UINT32));
}

function containerText(bytes: Buffer, large: boolean, isObject: boolean, depth: number): string {
  const width = large ? 4 : 2;
  const reader = bytesReader(bytes);
  const count = reader.uint(width);
  const size = reader.uint(width);
  if (size > bytes.length) throw new RangeError("a JSON document is cut off");
  const keys: string[] = [];
  for (let i = 0; isObject && i < count; i++) {
    const offset = reader.uint(width);
    const length = reader.uint(2);
    if (offset + length > bytes.length) throw new RangeError("a JSON document has a key outside of it");
    keys.push(quoted(bytes.toString("utf8", offset, offset + length)));
  }
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const type = reader.uint(1);
    const field = reader.take(width);
    const text = isInline(type, large)
      ? scalarText(type, bytesReader(field))
      : valueText(type, bytes.subarray(field.readUIntLE(0, width)), depth + 1);
    parts.push(isObject ? `${keys[i]}: ${text}` : text);
  }
  const inside = parts.join(", ");
  return isObject ? `{${inside}}` : `[${inside}]`;
}

/** Seven bits a byte, lowest first, the high bit says that more follow. */
function variableLength(reader: BytesReader): number {
  let length = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.uint(1);
    length += (byte & 0x7f) * 2 ** shift;
    if ((byte & 0x80) === 0) return length;
  }
  throw new RangeError("a JSON document has an impossible length");
}

/** Values of other SQL types: decimals as numbers, times as text, everything else as base64 with its type. */
function opaqueText(reader: BytesReader): string {
  const type = reader.uint(1);
  const data = reader.take(variableLength(reader));
  if (type === NEWDECIMAL) return decimalText(data.subarray(2), data[0] as number, data[1] as number);
  if (times.has(type)) return `"${packedTimeText(type, data.readBigInt64LE())}"`;
  return `"base64:type${type}:${base64(data)}"`;
}

/** MySQL breaks base64 into lines of 76 characters, and JSON text escapes the line ends. */
function base64(data: Buffer): string {
  return (data.toString("base64").match(/.{1,76}/g) ?? []).join("\\n");
}

function quoted(text: string): string {
  const escaped = text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON text escapes.
    /["\\\u0000-\u001f]/g,
    (char) => escapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}
