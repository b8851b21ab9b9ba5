import type { ChainColumn, StepInput } from "../../src/contracts/transform.ts";
import { dateText, datetimeText } from "../constants/temporal.ts";
import { numberType } from "../parts/numbers.ts";

export type Operator = "lt" | "le" | "gt" | "ge";

const symbols: Readonly<Record<Operator, string>> = { lt: "<", le: "<=", gt: ">", ge: ">=" };

/** One comparison by order, of numbers and dates; text has an order only under a collation, so it has none here. */
export interface Ordering {
  holds(value: Uint8Array | null): boolean;
  readonly sql: (sql: string, bytes: string) => string;
  readonly filter: ((name: string) => string) | null;
}

export function ordering(input: StepInput, column: ChainColumn, operator: Operator, bound: string): Ordering {
  input.column(column.name, ["integer", "decimal", "date", "datetime", "timestamp", "year"]);
  return column.kind === "integer" || column.kind === "decimal"
    ? byNumber(input, column, operator, bound)
    : byText(input, column, operator, bound);
}

function byNumber(input: StepInput, column: ChainColumn, operator: Operator, bound: string): Ordering {
  const type = numberType(input, column);
  const limit = type.scaled(bound);
  if (limit === null) {
    return input.refuse(
      `${JSON.stringify(bound)} is no number that "${column.name}" (${column.type}) can be compared with exactly.`,
      `Give at most ${type.scale} places.`,
    );
  }
  const literal = type.text(limit);
  const compare = comparison<bigint>(operator);
  return {
    holds: (value) => value !== null && compare(type.read(value), limit),
    sql: (sql) => `${sql} ${symbols[operator]} ${literal}`,
    filter: column.kind === "integer" ? (name) => `${name} ${symbols[operator]} ${literal}` : null,
  };
}

/** Dates of one type are as wide and ordered as their text. */
function byText(input: StepInput, column: ChainColumn, operator: Operator, bound: string): Ordering {
  const text =
    column.kind === "year"
      ? /^\d{4}$/.exec(bound)?.[0]
      : column.kind === "date"
        ? dateText(bound)
        : datetimeText(bound.length === 10 ? `${bound} 00:00:00` : bound, column.fsp ?? 0);
  if (text == null) {
    return input.refuse(`${JSON.stringify(bound)} is no ${column.type}.`, "Write it like 2024-02-29 12:00:00.");
  }
  const limit = Buffer.from(text);
  const compare = comparison<number>(operator);
  return {
    holds: (value) => value !== null && compare(Buffer.compare(value, limit), 0),
    sql: (_, bytes) => `${bytes} ${symbols[operator]} x'${limit.toString("hex")}'`,
    filter: null,
  };
}

function comparison<T>(operator: Operator): (a: T, b: T) => boolean {
  switch (operator) {
    case "lt":
      return (a, b) => a < b;
    case "le":
      return (a, b) => a <= b;
    case "gt":
      return (a, b) => a > b;
    case "ge":
      return (a, b) => a >= b;
  }
}
