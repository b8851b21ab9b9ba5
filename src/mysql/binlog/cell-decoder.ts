import type { Column } from "../../contracts/schema.ts";
import { membersOf, parseColumnType } from "../column-type.ts";
import { isZerofill, usualWidths } from "../typed-reference.ts";
import type { BytesReader } from "./bytes-reader.ts";
import type { CellWriter } from "./cell-writer.ts";
import { utf8Converter } from "./charsets.ts";
import { jsonText } from "./json-text.ts";
import { decimalBytes, decimalText, doubleText, fixedText, floatText } from "./number-text.ts";
import type { StoredColumn } from "./table-map.ts";
import { dateText, datetimeText, timestampText, timeText } from "./time-text.ts";

/** Text in a character set that only the server converts; gives its utf8mb4. */
export type AskServer = (charset: string, bytes: Buffer) => Buffer;

/** Reads one value and writes its cell: the bytes a SELECT of `readExpression(column)` gives in a source session. */
export type CellDecoder = (reader: BytesReader, writer: CellWriter) => void;

/** MySQL's type numbers by the bare type name, for holding a stored column against the table's definition. */
const typeNumbers: Readonly<Record<string, readonly number[]>> = {
  tinyint: [1],
  smallint: [2],
  mediumint: [9],
  int: [3],
  bigint: [8],
  decimal: [246],
  float: [4],
  double: [5],
  bit: [16],
  char: [254],
  varchar: [15],
  tinytext: [252],
  text: [252],
  mediumtext: [252],
  longtext: [252],
  binary: [254],
  varbinary: [15],
  tinyblob: [252],
  blob: [252],
  mediumblob: [252],
  longblob: [252],
  enum: [247],
  set: [248],
  json: [245],
  date: [10],
  time: [19],
  datetime: [18],
  timestamp: [17],
  year: [13],
  vector: [242],
};
const GEOMETRY = [255];

/** Is a column stored as its definition says? If not, the definition is not the one its rows were written with. */
export function isStoredAs(column: Column, stored: StoredColumn): boolean {
  return (typeNumbers[parseColumnType(column.type).dataType] ?? GEOMETRY).includes(stored.type);
}

const integerWidths: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 4, 9: 3 };

/** Characters of a DOUBLE that is filled up with zeros and has no width of its own. */
const DOUBLE_FILLED = 22;

/** Characters a ZEROFILL value is filled up to; 0 when it is not. */
function zerofillWidth(column: Column): number {
  // FLOAT is read as a DOUBLE of its value, which is not filled up.
  if (!isZerofill(column) || column.kind === "float") return 0;
  const [, digits, decimals = "0"] = /\((\d+)(?:,(\d+))?\)/.exec(column.type) ?? [];
  if (digits === undefined) return usualWidths[parseColumnType(column.type).dataType] ?? DOUBLE_FILLED;
  return Number(digits) + (column.kind === "decimal" && decimals !== "0" ? 1 : 0);
}

/** Skips a value. */
export function cellSkipper(stored: StoredColumn): (reader: BytesReader) => void {
  const { type, meta } = stored;
  const fixed = fixedBytes(type, meta);
  if (fixed !== null) return (reader) => reader.skip(fixed);
  const width = lengthBytes(type, meta);
  return (reader) => reader.skip(reader.uint(width));
}

/** Bytes of a value whose length is always the same; null when it is announced. */
function fixedBytes(type: number, meta: number): number | null {
  const fraction = (meta + 1) >> 1;
  switch (type) {
    case 1:
    case 13:
      return 1;
    case 2:
      return 2;
    case 9:
    case 10:
      return 3;
    case 3:
      return 4;
    case 8:
      return 8;
    case 4:
    case 5:
      return meta;
    case 17:
      return 4 + fraction;
    case 18:
      return 5 + fraction;
    case 19:
      return 3 + fraction;
    case 16:
      return (meta & 0xff) + (meta >> 8 > 0 ? 1 : 0);
    case 246:
      return decimalBytes(meta >> 8, meta & 0xff);
    case 247:
    case 248:
      return meta;
    case 15:
    case 254:
    case 242:
    case 245:
    case 249:
    case 250:
    case 251:
    case 252:
    case 255:
      return null;
    default:
      throw new RangeError(`a table map has a column of the unknown type ${type}`);
  }
}

function lengthBytes(type: number, meta: number): number {
  if (type === 15 || type === 254) return meta > 255 ? 2 : 1;
  return meta;
}

export function cellDecoder(column: Column, stored: StoredColumn, ask: AskServer): CellDecoder {
  const { type, meta } = stored;
  const filled = zerofillWidth(column);
  const fill = (text: string): string => (filled === 0 ? text : text.padStart(filled, "0"));
  const fsp = column.fsp ?? 0;
  switch (column.kind) {
    case "integer": {
      if (type === 8) {
        return (reader, writer) => {
          const value = column.unsigned ? reader.big() : reader.bigSigned();
          writer.ascii(fill(value.toString()));
        };
      }
      const width = integerWidths[type] as number;
      return column.unsigned
        ? (reader, writer) => writer.ascii(fill(String(reader.uint(width))))
        : (reader, writer) => writer.ascii(String(reader.int(width)));
    }
    case "decimal": {
      const [precision, scale] = [meta >> 8, meta & 0xff];
      const size = decimalBytes(precision, scale);
      return (reader, writer) => writer.ascii(fill(decimalText(reader.take(size), precision, scale)));
    }
    case "float":
      // Read as the DOUBLE of the same value, which has no fixed decimals whatever the column has.
      return (reader, writer) => writer.ascii(floatText(reader.float()));
    case "double": {
      const decimals = /\(\d+,(\d+)\)/.exec(column.type)?.[1];
      const text = decimals === undefined ? doubleText : (value: number) => fixedText(value, Number(decimals));
      return (reader, writer) => writer.ascii(fill(text(reader.double())));
    }
    case "bit": {
      const size = fixedBytes(type, meta) as number;
      return (reader, writer) => writer.bytes(reader.take(size));
    }
    case "year":
      return (reader, writer) => {
        const year = reader.uint(1);
        writer.ascii(year === 0 ? "0000" : String(1900 + year));
      };
    case "date":
      return (reader, writer) => writer.ascii(dateText(reader));
    case "time":
      return (reader, writer) => writer.ascii(timeText(reader, fsp));
    case "datetime":
      return (reader, writer) => writer.ascii(datetimeText(reader, fsp));
    case "timestamp":
      return (reader, writer) => writer.ascii(timestampText(reader, fsp));
    case "enum": {
      const members = membersOf(column.type).map((member) => Buffer.from(member));
      const error = Buffer.alloc(0);
      return (reader, writer) => {
        const index = reader.uint(meta);
        const member = index === 0 ? error : members[index - 1];
        if (member === undefined) throw new RangeError(`column ${column.name} has no member ${index}`);
        writer.bytes(member);
      };
    }
    case "set": {
      const members = membersOf(column.type);
      return (reader, writer) => {
        const bits = meta === 8 ? reader.big() : BigInt(reader.uint(meta));
        const chosen = members.filter((_, i) => (bits >> BigInt(i)) & 1n);
        writer.bytes(Buffer.from(chosen.join(",")));
      };
    }
    case "json": {
      const width = lengthBytes(type, meta);
      return (reader, writer) => writer.bytes(jsonText(reader.take(reader.uint(width))));
    }
    case "text": {
      const width = lengthBytes(type, meta);
      const { charset } = column;
      const convert = utf8Converter(charset) ?? ((bytes: Buffer) => ask(charset ?? "", bytes));
      return (reader, writer) => writer.bytes(convert(reader.take(reader.uint(width))));
    }
    case "binary": {
      const width = lengthBytes(type, meta);
      const padded = type === 254 ? (column.length ?? 1) : 0;
      return (reader, writer) => {
        const value = reader.take(reader.uint(width));
        // BINARY(n) is logged without the zero bytes it ends in.
        writer.bytes(value.length < padded ? Buffer.concat([value], padded) : value);
      };
    }
    case "geometry":
    case "vector": {
      const width = lengthBytes(type, meta);
      return (reader, writer) => writer.bytes(reader.take(reader.uint(width)));
    }
  }
}
