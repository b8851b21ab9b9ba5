import { VtpipeError } from "../../src/contracts/errors.ts";
import type { Column } from "../../src/contracts/schema.ts";
import { bitBytes, bytesOf } from "./bytes.ts";
import { jsonText } from "./json.ts";
import { memberText } from "./members.ts";
import { decimalText, doubleText, integerText } from "./numbers.ts";
import { dateText, datetimeText, timeText, yearText } from "./temporal.ts";

/** A constant value of a column: its cell's bytes, and SQL that gives the same. */
export interface Constant {
  readonly bytes: Uint8Array | null;
  readonly sql: string;
}

/**
 * `value`, as it stands in a config, as a value of `column`. The bytes are exactly those the server would print for it
 * (a 7 in a decimal(5,2) is `7.00`), because the checksum of the row is taken over them. What cannot be had exactly is a
 * `config` error.
 */
export function constantOf(table: string, column: Column, value: unknown): Constant {
  if (value === null) {
    if (column.nullable) return { bytes: null, sql: "NULL" };
    throw refused(table, column, "it is null, and the column is NOT NULL");
  }
  const text = typeof value === "object" ? null : String(typeof value === "boolean" ? Number(value) : value);
  const made = text === null && column.kind !== "json" ? null : encode(column, text ?? "", value);
  if (made === null)
    throw refused(table, column, `it is not a value of type ${column.type} that can be stored exactly`);
  return made;
}

/** null: the value does not fit. */
function encode(column: Column, text: string, value: unknown): Constant | null {
  switch (column.kind) {
    case "integer":
      return printed(integerText(column, text), (number) => number);
    case "decimal":
      return printed(decimalText(column, text), (number) => number);
    case "float":
    case "double":
      return printed(doubleText(column, text), (number) => `${number}E0`);
    case "year":
      return printed(yearText(text), (year) => year);
    case "date":
      return printed(dateText(text), quoted);
    case "time":
      return printed(timeText(text, column.fsp ?? 0), quoted);
    case "datetime":
    case "timestamp":
      return printed(datetimeText(text, column.fsp ?? 0), quoted);
    case "text":
      return printed(fits(column, text) ? text : null, utf8Sql);
    case "enum":
    case "set":
      return printed(memberText(column, text), utf8Sql);
    case "json":
      return printed(jsonText(value), (json) => `CAST(${utf8Sql(json)} AS JSON)`);
    case "bit":
      return raw(bitBytes(column.length ?? 1, text));
    case "binary":
    case "geometry":
    case "vector":
      return raw(bytesOf(column, text));
  }
}

function printed(text: string | null, sql: (text: string) => string): Constant | null {
  return text === null ? null : { bytes: Buffer.from(text), sql: sql(text) };
}

function raw(bytes: Buffer | null): Constant | null {
  return bytes && { bytes, sql: `x'${bytes.toString("hex")}'` };
}

const quoted = (text: string): string => `'${text}'`;

/** Says its character set itself: VReplication's applier runs with SET NAMES binary, where a plain literal is bytes. */
const utf8Sql = (text: string): string => `CONVERT(x'${Buffer.from(text).toString("hex")}' USING utf8mb4)`;

/** CHAR loses trailing spaces when it is read; TEXT counts bytes, CHAR and VARCHAR characters. */
function fits(column: Column, text: string): boolean {
  const counted = /^(var)?char/i.test(column.type) ? [...text].length : Buffer.byteLength(text);
  if (column.length !== null && counted > column.length) return false;
  if (/^char/i.test(column.type) && text.endsWith(" ")) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with the control characters
  return column.charset !== "ascii" || /^[\x00-\x7f]*$/.test(text);
}

function refused(table: string, column: Column, why: string): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `Table "${table}": the value for column "${column.name}" cannot be set: ${why}.`,
    now: "Nothing was read or changed.",
    todo: "Give a value that the type holds without rounding or cutting, or another type.",
    context: { table, column: column.name },
  });
}
