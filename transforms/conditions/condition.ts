import * as z from "zod";
import type { ChainColumn, RowCells, SqlOf, StepInput } from "../../src/contracts/transform.ts";
import { constantOf } from "../constants/constant.ts";
import { ordering } from "./ordering.ts";

type Scalar = string | number | boolean;

interface Tests {
  readonly is?: Scalar | undefined;
  readonly not?: Scalar | undefined;
  readonly in?: readonly Scalar[] | undefined;
  readonly notIn?: readonly Scalar[] | undefined;
  readonly lt?: Scalar | undefined;
  readonly le?: Scalar | undefined;
  readonly gt?: Scalar | undefined;
  readonly ge?: Scalar | undefined;
  readonly startsWith?: string | undefined;
  readonly endsWith?: string | undefined;
  readonly contains?: string | undefined;
  readonly matches?: string | undefined;
  readonly null?: boolean | undefined;
}

/** Tests by column, all of which have to hold; of a list of such sections one. */
export type ConditionConfig = Section | readonly Section[];
type Section = Readonly<Record<string, Scalar | null | Tests>>;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const text = z.string().min(1);
const tests = z
  .strictObject({
    is: scalar,
    not: scalar,
    in: z.array(scalar).min(1),
    notIn: z.array(scalar).min(1),
    lt: scalar,
    le: scalar,
    gt: scalar,
    ge: scalar,
    startsWith: text,
    endsWith: text,
    contains: text,
    matches: text,
    null: z.boolean(),
  })
  .partial()
  .refine((given) => Object.keys(given).length > 0);
const section = z
  .record(z.string(), z.union([scalar, z.null(), tests]))
  .refine((given) => Object.keys(given).length > 0);

/** `{ country: DE, deleted_at: null, age: { ge: 18 } }`, or a list of such. */
export const conditionSchema: z.ZodType<ConditionConfig> = z.union([section, z.array(section).min(1)]).meta({
  description:
    "By column a value, `null`, or tests: is, not, in, notIn, lt, le, gt, ge, startsWith, endsWith, contains, matches (a regular expression), null (true or false). All have to hold; of a list of such sections one. NULL passes no test but `null`. Texts are compared as bytes.",
  expected: "a section like { country: DE, age: { ge: 18 } }",
});

/** A condition over the columns that reach a step. */
export interface Condition {
  readonly reads: readonly number[];
  holds(row: RowCells): boolean;
  /** The same in SQL; null when a test has none. */
  readonly sql: ((sql: SqlOf, bytes: SqlOf) => string) | null;
  /** The same as VReplication's source understands it: integers and NULL, joined by AND. null: it does not. */
  readonly filter: ((name: SqlOf) => string) | null;
}

/** One test of one column. NULL passes none but `null`. */
interface Test {
  readonly slot: number;
  holds(value: Uint8Array | null): boolean;
  readonly sql: ((sql: string, bytes: string) => string) | null;
  readonly filter: ((name: string) => string) | null;
}

/** Throws a `config` error for what is no condition, or names a column or value that does not fit. */
export function conditionOf(given: unknown, input: StepInput): Condition {
  const parsed = conditionSchema.safeParse(given);
  if (!parsed.success) {
    return input.refuse(
      "This is no condition.",
      "Write tests by column, like { country: DE, age: { ge: 18 }, email: { endsWith: '@example.com' } }.",
    );
  }
  const sections = (Array.isArray(parsed.data) ? parsed.data : [parsed.data]) as readonly Section[];
  const alternatives = sections.map((one) => Object.entries(one).flatMap(([name, test]) => testsOf(input, name, test)));
  const every = alternatives.flat();
  const [only] = alternatives;
  const withSql = every.every(({ sql }) => sql !== null);
  const simple = alternatives.length === 1 && every.every(({ filter }) => filter !== null);
  return {
    reads: [...new Set(every.map(({ slot }) => slot))],
    holds: (row) => alternatives.some((all) => all.every((test) => test.holds(row.get(test.slot)))),
    sql: withSql
      ? (sql, bytes) =>
          alternatives
            .map((all) => `(${all.map((test) => test.sql?.(sql(test.slot), bytes(test.slot))).join(" AND ")})`)
            .join(" OR ")
      : null,
    filter: simple ? (name) => (only ?? []).map((test) => test.filter?.(name(test.slot))).join(" AND ") : null,
  };
}

function testsOf(input: StepInput, name: string, given: Scalar | null | Tests): Test[] {
  const column = input.column(name);
  if (given === null) return [nullTest(column, true)];
  if (typeof given !== "object") return [equality(input, column, [given], true)];
  const made: Test[] = [];
  if (given.null !== undefined) made.push(nullTest(column, given.null));
  if (given.is !== undefined) made.push(equality(input, column, [given.is], true));
  if (given.not !== undefined) made.push(equality(input, column, [given.not], false));
  if (given.in !== undefined) made.push(equality(input, column, given.in, true));
  if (given.notIn !== undefined) made.push(equality(input, column, given.notIn, false));
  for (const operator of ["lt", "le", "gt", "ge"] as const) {
    const bound = given[operator];
    if (bound !== undefined) made.push({ slot: column.slot, ...ordering(input, column, operator, String(bound)) });
  }
  if (given.startsWith !== undefined) made.push(part(input, column, given.startsWith, "startsWith"));
  if (given.endsWith !== undefined) made.push(part(input, column, given.endsWith, "endsWith"));
  if (given.contains !== undefined) made.push(part(input, column, given.contains, "contains"));
  if (given.matches !== undefined) made.push(expression(input, column, given.matches));
  return made;
}

function nullTest({ slot }: ChainColumn, wanted: boolean): Test {
  const sql = (value: string): string => `${value} IS ${wanted ? "" : "NOT "}NULL`;
  return { slot, holds: (value) => (value === null) === wanted, sql, filter: sql };
}

/** Bytes are compared, so the values have to be such that the server prints them: constants of the column's type. */
function equality(input: StepInput, column: ChainColumn, values: readonly Scalar[], wanted: boolean): Test {
  const cells = values.map((value) => Buffer.from(constantOf(input.table, column, value).bytes ?? []));
  const known = new Set(cells.map((cell) => cell.toString("latin1")));
  const list = cells.map((cell) => `x'${cell.toString("hex")}'`).join(", ");
  const numbers = cells.map((cell) => cell.toString("latin1")).join(", ");
  return {
    slot: column.slot,
    holds: (value) => value !== null && known.has(latin1(value)) === wanted,
    sql: (_, bytes) => `${bytes} ${wanted ? "" : "NOT "}IN (${list})`,
    filter: column.kind === "integer" ? among(numbers, cells.length, wanted) : null,
  };
}

/** The source knows IN, but not NOT IN. */
function among(numbers: string, count: number, wanted: boolean): Test["filter"] {
  if (wanted) return count === 1 ? (name) => `${name} = ${numbers}` : (name) => `${name} IN (${numbers})`;
  return (name) =>
    numbers
      .split(", ")
      .map((number) => `${name} <> ${number}`)
      .join(" AND ");
}

/** utf8mb4 is self-synchronizing: bytes of one text are found in another only where its characters are. */
function part(
  input: StepInput,
  column: ChainColumn,
  wanted: string,
  where: "startsWith" | "endsWith" | "contains",
): Test {
  input.column(column.name, ["text", "binary", "enum", "set"]);
  const cell = Buffer.from(wanted);
  const literal = `x'${cell.toString("hex")}'`;
  const found = (value: Uint8Array): boolean => {
    if (where === "contains") return bufferOf(value).includes(cell);
    const start = where === "startsWith" ? 0 : value.length - cell.length;
    return start >= 0 && cell.equals(value.subarray(start, start + cell.length));
  };
  return {
    slot: column.slot,
    holds: (value) => value !== null && found(value),
    sql: (_, bytes) => {
      if (where === "contains") return `LOCATE(${literal}, ${bytes}) > 0`;
      return `${where === "startsWith" ? "LEFT" : "RIGHT"}(${bytes}, ${cell.length}) = ${literal}`;
    },
    filter: null,
  };
}

/** JavaScript's regular expressions are not MySQL's, so this has no twin. */
function expression(input: StepInput, column: ChainColumn, pattern: string): Test {
  input.column(column.name, ["text", "enum", "set", "json"]);
  let compiled: RegExp;
  try {
    compiled = new RegExp(pattern, "u");
  } catch (cause) {
    return input.refuse(
      `The pattern for "${column.name}" is no regular expression: ${(cause as Error).message}.`,
      "Correct it; it is JavaScript's kind, with the flag u.",
    );
  }
  const holds = (value: Uint8Array | null): boolean =>
    value !== null && compiled.test(bufferOf(value).toString("utf8"));
  return { slot: column.slot, holds, sql: null, filter: null };
}

const bufferOf = (value: Uint8Array): Buffer => Buffer.from(value.buffer, value.byteOffset, value.byteLength);
const latin1 = (value: Uint8Array): string => bufferOf(value).toString("latin1");
