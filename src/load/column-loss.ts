import type { Column } from "../contracts/schema.ts";
import { membersOf, parseColumnType } from "../mysql/column-type.ts";

/**
 * What may happen to values of one column in another. "silent": some would be stored changed without an error;
 * "loud": the target refuses values that do not fit; the text says which.
 */
export interface Loss {
  readonly how: "silent" | "loud";
  readonly what: string;
}

const bytesOf: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8 };
const wholeUnicode = new Set(["utf8mb4", "utf16", "utf16le", "utf32", "gb18030"]);
const silent = (what: string): Loss => ({ how: "silent", what });
const loud = (what: string): Loss => ({ how: "loud", what });

function integerRange(column: Column): [bigint, bigint] {
  const bits = BigInt(8 * (bytesOf[parseColumnType(column.type).dataType] ?? 8));
  return column.unsigned ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

function integerLoss(from: Column, to: Column): Loss | null {
  const [low, high] = integerRange(from);
  const [lowest, highest] = integerRange(to);
  if (low >= lowest && high <= highest) return null;
  return loud(`${to.type} takes ${lowest} to ${highest} only`);
}

/** Digits before and after the point. */
function digitsOf(column: Column): { whole: number; fraction: number } {
  const [, precision = "10", scale = "0"] = /\((\d+)(?:\s*,\s*(\d+))?\)/.exec(column.type) ?? [];
  return { whole: Number(precision) - Number(scale), fraction: Number(scale) };
}

function roundedTo(digits: number): string {
  if (digits === 0) return "all digits behind the point are rounded away";
  return `only ${digits} ${digits === 1 ? "digit" : "digits"} behind the point ${digits === 1 ? "stays" : "stay"}, further ones are rounded away`;
}

function decimalLoss(from: Column, to: Column): Loss | null {
  const a = digitsOf(from);
  const b = digitsOf(to);
  if (b.fraction < a.fraction) return silent(roundedTo(b.fraction));
  if (b.whole < a.whole) return loud(`it has room for ${b.whole} digits before the point, not ${a.whole}`);
  return to.unsigned && !from.unsigned ? loud("it takes no negative values") : null;
}

function lengthLoss(from: Column, to: Column, unit: string): Loss | null {
  if (to.length === null || (from.length ?? Number.POSITIVE_INFINITY) <= to.length) return null;
  return loud(`it has room for ${to.length} ${unit}`);
}

function charsetLoss(from: Column, to: Column): Loss | null {
  if (to.charset === null || to.charset === from.charset || wholeUnicode.has(to.charset)) return null;
  if (from.charset === "ascii" || (to.charset.startsWith("utf8") && from.charset?.startsWith("latin1"))) return null;
  return loud(`its character set ${to.charset} lacks characters that ${from.charset ?? "utf8mb4"} has`);
}

function memberLoss(from: Column, to: Column): Loss | null {
  const members = membersOf(to.type);
  const missing = membersOf(from.type).filter((member) => !members.includes(member));
  return missing.length === 0 ? null : loud(`it lacks the members ${missing.map((m) => `'${m}'`).join(", ")}`);
}

function binaryLoss(from: Column, to: Column): Loss | null {
  const padded = parseColumnType(to.type).dataType === "binary";
  if (padded && from.type.toLowerCase() !== to.type.toLowerCase()) {
    return silent("shorter values are padded with zero bytes");
  }
  return lengthLoss(from, to, "bytes");
}

function sameKindLoss(from: Column, to: Column): Loss | null {
  switch (from.kind) {
    case "integer":
      return integerLoss(from, to);
    case "decimal":
      return decimalLoss(from, to);
    case "text":
      return lengthLoss(from, to, "characters") ?? charsetLoss(from, to);
    case "binary":
      return binaryLoss(from, to);
    case "bit":
      return lengthLoss(from, to, "bits");
    case "enum":
    case "set":
      return memberLoss(from, to) ?? charsetLoss(from, to);
    case "time":
    case "datetime":
    case "timestamp":
      if ((to.fsp ?? 0) >= (from.fsp ?? 0)) return null;
      return silent(`fractions of a second beyond ${to.fsp ?? 0} digits are rounded away`);
    default:
      return null;
  }
}

function documentLoss(to: Column): Loss | null {
  if (to.charset !== null && !wholeUnicode.has(to.charset)) return loud(`its character set is ${to.charset}`);
  return parseColumnType(to.type).dataType === "longtext" ? null : loud(`it has room for ${to.length} characters`);
}

/** What values of `from` would lose when stored in `to`; null: nothing. */
export function columnLoss(from: Column, to: Column): Loss | null {
  if (to.kind === from.kind) return sameKindLoss(from, to);
  if (from.kind === "float" && to.kind === "double") return null;
  if (from.kind === "integer" && to.kind === "decimal" && digitsOf(to).whole >= 20 && !to.unsigned) return null;
  if (["enum", "set", "json", "year"].includes(from.kind) && to.kind === "text") {
    return from.kind === "json" ? documentLoss(to) : charsetLoss(from, to);
  }
  return silent(`values of type ${from.type} are converted`);
}
