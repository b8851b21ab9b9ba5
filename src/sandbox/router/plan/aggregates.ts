import { refusal, SqlError } from "../refusal.ts";

/** How one column's per-shard values become one value. `orZero`: COALESCE(…, 0) around it. */
export type Aggregate = "add" | "least" | "greatest";

/** Column types as in the protocol (MYSQL_TYPE_*). */
const integers = [1, 2, 3, 8, 9, 13];
const decimals = [0, 246];
/** DATE, DATETIME, TIMESTAMP: the text's order is the value's. */
const moments = [7, 10, 12];

/**
 * Merges one column of a scattered aggregate exactly, or refuses by name: floating-point sums depend on the order of
 * addition, and text order on a collation. NULL (an empty shard) does not count.
 */
export function mergeAggregate(
  how: Aggregate,
  type: number,
  name: string,
  values: readonly (Buffer | null)[],
): string | null {
  const present = values.filter((value) => value !== null).map((value) => value.toString("latin1"));
  const [first, ...rest] = present;
  if (first === undefined) return null;
  if (rest.length === 0) return first;
  const numeric = integers.includes(type) || decimals.includes(type);
  if (how === "add") {
    if (!numeric) throw refusal(`adding up "${name}" over shards (only exact numbers can be)`);
    return rest.reduce(addDecimals, first);
  }
  if (!numeric && !moments.includes(type))
    throw refusal(`MIN or MAX of "${name}" over shards (only numbers and dates can be)`);
  const less = numeric ? (a: string, b: string) => compareDecimals(a, b) < 0 : (a: string, b: string) => a < b;
  return rest.reduce(
    (best, value) => (less(value, best) === (how === "least") && value !== best ? value : best),
    first,
  );
}

/** Decimal texts as integers at a common scale. */
function scaled(a: string, b: string): { x: bigint; y: bigint; scale: number } {
  const scale = Math.max(fraction(a).length, fraction(b).length);
  return { x: atScale(a, scale), y: atScale(b, scale), scale };
}

function fraction(text: string): string {
  const dot = text.indexOf(".");
  return dot < 0 ? "" : text.slice(dot + 1);
}

function atScale(text: string, scale: number): bigint {
  if (!/^-?[0-9]+(\.[0-9]*)?$/.test(text))
    throw new SqlError(1105, "HY000", `"${text.slice(0, 40)}" is no exact number`);
  const dot = text.indexOf(".");
  const whole = dot < 0 ? text : text.slice(0, dot);
  return BigInt(whole + fraction(text).padEnd(scale, "0"));
}

export function addDecimals(a: string, b: string): string {
  const { x, y, scale } = scaled(a, b);
  const sum = x + y;
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, "0");
  const sign = sum < 0n ? "-" : "";
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

export function compareDecimals(a: string, b: string): number {
  const { x, y } = scaled(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}
