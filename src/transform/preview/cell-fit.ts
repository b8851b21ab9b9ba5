import type { PreviewWarning } from "../../contracts/preview.ts";
import type { CellKind, Column } from "../../contracts/schema.ts";
import { membersOf, parseColumnType } from "../../mysql/column-type.ts";

/** Why a value cannot be stored in a column as it is. */
export interface Misfit {
  readonly code: Extract<
    PreviewWarning["code"],
    "value-too-long" | "value-out-of-range" | "value-not-allowed" | "precision-lost"
  >;
  /** Completes "values …": `are longer than the 20 characters of varchar(20)`. */
  readonly what: string;
}

const integerBytes: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8 };
/** Character sets with one byte for each character. */
const singleByte =
  /^(ascii|latin\d|cp125\d|cp85\d|cp866|hebrew|greek|koi8[ru]|dec8|hp8|macce|macroman|swe7|tis620|geostd8|armscii8|keybcs2)$/;
const windows1252 = new Set([..."€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"]);
const numeric: ReadonlySet<CellKind> = new Set<CellKind>(["integer", "decimal", "float", "double"]);
const moments: ReadonlySet<CellKind> = new Set<CellKind>(["date", "datetime", "timestamp", "time"]);

const tooLong = (what: string): Misfit => ({ code: "value-too-long", what });
const outOfRange = (what: string): Misfit => ({ code: "value-out-of-range", what });
const notAllowed = (what: string): Misfit => ({ code: "value-not-allowed", what });
const lost = (what: string): Misfit => ({ code: "precision-lost", what });

/**
 * Whether a cell, as rows carry it, fits a column of the target; null when it does, or when nothing is known about
 * values of that kind (JSON, geometry, vectors, and kinds MySQL would have to convert).
 */
export function misfit(column: Column, value: Uint8Array | null): Misfit | null {
  if (value === null) return column.nullable ? null : notAllowed("are NULL, and the column is NOT NULL");
  switch (column.kind) {
    case "text":
      return textMisfit(column, value);
    case "binary":
      return binaryMisfit(column, value);
    case "bit":
      return bitMisfit(column, value);
    case "integer":
    case "decimal":
      return numberMisfit(column, ascii(value));
    case "float":
    case "double":
      return precisionLost(column, ascii(value));
    case "enum":
    case "set":
      return memberMisfit(column, Buffer.from(value).toString("utf8"));
    case "date":
    case "time":
    case "datetime":
    case "timestamp":
      return momentMisfit(column, ascii(value));
    case "year": {
      const text = ascii(value);
      return /^(0|0000|19(0[1-9]|[1-9]\d)|20\d\d|21([0-4]\d|5[0-5]))$/.test(text)
        ? null
        : outOfRange("are no years from 1901 to 2155");
    }
    default:
      return null;
  }
}

/**
 * Whether a value of the source has more places, digits or parts than the type a step gave its column can hold. Only between
 * numbers and between dates and times; what else a step makes of a value is its purpose, not a loss.
 */
export function chainLoss(before: Column, after: Column, value: Uint8Array | null): Misfit | null {
  if (value === null) return null;
  const alike = [numeric, moments].some((kinds) => kinds.has(before.kind) && kinds.has(after.kind));
  return alike ? precisionLost(after, ascii(value)) : null;
}

const ascii = (value: Uint8Array): string => Buffer.from(value).toString("latin1");

function textMisfit(column: Column, value: Uint8Array): Misfit | null {
  const text = Buffer.from(value).toString("utf8");
  const { dataType } = parseColumnType(column.type);
  const characters = [...text];
  const foreign = characters.find((character) => !isIn(column.charset, character));
  if (foreign !== undefined) return notAllowed(`have characters that the character set ${column.charset} lacks`);
  if (column.length === null) return null;
  if (dataType.endsWith("text")) {
    const bytes = singleByte.test(column.charset ?? "") ? characters.length : value.length;
    return bytes > column.length ? tooLong(`are longer than the ${column.length} bytes of ${column.type}`) : null;
  }
  // CHAR is stored without the blanks at its end, so they take no room.
  const length = dataType === "char" ? [...text.replace(/ +$/, "")].length : characters.length;
  return length > column.length ? tooLong(`are longer than the ${column.length} characters of ${column.type}`) : null;
}

/** Character sets that are not known here count as having everything. */
function isIn(charset: string | null, character: string): boolean {
  const code = character.codePointAt(0) as number;
  if (charset === "ascii") return code < 0x80;
  if (charset === "latin1") return code < 0x100 || windows1252.has(character);
  return charset !== "utf8mb3" && charset !== "utf8" ? true : code < 0x10000;
}

function binaryMisfit(column: Column, value: Uint8Array): Misfit | null {
  if (column.length === null) return null;
  if (value.length > column.length) return tooLong(`are longer than the ${column.length} bytes of ${column.type}`);
  const padded = parseColumnType(column.type).dataType === "binary" && value.length < column.length;
  return padded ? notAllowed(`are shorter than ${column.type}, which pads them with zero bytes`) : null;
}

function bitMisfit(column: Column, value: Uint8Array): Misfit | null {
  const bits = BigInt(`0x0${Buffer.from(value).toString("hex")}`).toString(2);
  return bits.length > (column.length ?? 64) ? tooLong(`have more bits than ${column.type}`) : null;
}

function memberMisfit(column: Column, text: string): Misfit | null {
  const members = new Set(membersOf(column.type));
  // The empty text is no member but the error value of an ENUM and the empty SET; both travel.
  const chosen = text === "" ? [] : column.kind === "set" ? text.split(",") : [text];
  return chosen.every((member) => members.has(member)) ? null : notAllowed(`are no members of ${column.type}`);
}

/** Digits of a decimal text before and after its point, without zeros that say nothing; null when it is no number. */
function digits(text: string): { negative: boolean; whole: string; fraction: string } | null {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (match === null || text === "" || text === "-") return null;
  const whole = (match[2] ?? "").replace(/^0+/, "");
  return { negative: match[1] === "-", whole, fraction: (match[3] ?? "").replace(/0+$/, "") };
}

function numberMisfit(column: Column, text: string): Misfit | null {
  const found = digits(text);
  // A double's text with an exponent, or no number at all: MySQL would have to convert it.
  if (found === null) return Number.isFinite(Number(text)) ? null : notAllowed(`are no numbers, as ${column.type} is`);
  const { negative, whole, fraction } = found;
  const isZero = whole === "" && fraction === "";
  if (column.unsigned && negative && !isZero) return outOfRange(`are negative, which ${column.type} does not take`);
  if (column.kind === "decimal") {
    if (whole.length > decimalDigits(column).whole) return outOfRange(`have more digits than ${column.type} holds`);
  } else {
    const bits = BigInt(8 * (integerBytes[parseColumnType(column.type).dataType] ?? 8));
    const size = BigInt(whole === "" ? "0" : whole);
    const most = column.unsigned ? 2n ** bits - 1n : 2n ** (bits - 1n) - (negative ? 0n : 1n);
    if (size > most) return outOfRange(`are out of the range of ${column.type}`);
  }
  return precisionLost(column, text);
}

function decimalDigits(column: Column): { whole: number; fraction: number } {
  const [, precision = "10", scale = "0"] = /\((\d+)(?:\s*,\s*(\d+))?\)/.exec(column.type) ?? [];
  return { whole: Number(precision) - Number(scale), fraction: Number(scale) };
}

/** Would storing this text in the column round or cut something off that is not zero? */
function precisionLost(column: Column, text: string): Misfit | null {
  switch (column.kind) {
    case "integer":
    case "decimal": {
      const found = digits(text);
      if (found === null) {
        const whole = column.kind === "integer" && Number.isFinite(Number(text)) && !Number.isInteger(Number(text));
        return whole ? lost(`have digits behind the point, which ${column.type} rounds away`) : null;
      }
      const room = column.kind === "integer" ? 0 : decimalDigits(column).fraction;
      return found.fraction.length > room
        ? lost(`have more than ${room} digits behind the point, which ${column.type} rounds away`)
        : null;
    }
    case "float":
    case "double":
      return isExact(text, column.kind) ? null : lost(`have more digits than ${column.type} keeps`);
    case "date":
      return / .*[1-9]/.test(text) ? lost(`have a time of day, which ${column.type} cuts off`) : null;
    case "time":
    case "datetime":
    case "timestamp": {
      const fraction = (/\.(\d+)$/.exec(text)?.[1] ?? "").replace(/0+$/, "");
      const room = column.fsp ?? 0;
      if (fraction.length <= room) return null;
      return lost(`have more than ${room} digits of a second, which ${column.type} rounds away`);
    }
    default:
      return null;
  }
}

/** Does a binary floating number of that kind give all the digits of the text back? */
function isExact(text: string, kind: "float" | "double"): boolean {
  const double = Number(text);
  const number = kind === "float" ? Math.fround(double) : double;
  const wanted = digits(text);
  // A text with an exponent is a double's own, so only a float can lose something of it.
  if (wanted === null) return number === double;
  if (!Number.isFinite(number)) return false;
  const significant = (wanted.whole + wanted.fraction).replace(/^0+|0+$/g, "");
  // 15 digits always survive a double and 6 a float; beyond that the number itself tells.
  if (significant.length <= (kind === "float" ? 6 : 15)) return true;
  const given = digits(number.toString()) ?? digits(BigInt(Math.trunc(number)).toString());
  if (kind === "float" && number === double) return true;
  return given !== null && given.whole === wanted.whole && given.fraction === wanted.fraction;
}

function momentMisfit(column: Column, text: string): Misfit | null {
  const isTime = /^-?\d{2,3}:\d\d:\d\d/.test(text);
  if (isTime !== (column.kind === "time")) return notAllowed(`are not of the kind of ${column.type}`);
  if (column.kind === "timestamp" && !text.startsWith("0000-00-00")) {
    const moment = text.slice(0, 19);
    if (moment < "1970-01-01 00:00:01" || moment > "2038-01-19 03:14:07") {
      return outOfRange(`are out of the range of ${column.type}, 1970 to 2038`);
    }
  }
  return precisionLost(column, text);
}
