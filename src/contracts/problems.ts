import type { $ZodIssue, $ZodType } from "zod/v4/core";
import { VtpipeError } from "./errors.ts";
import { didYouMean } from "./nearest-name.ts";
import { pathText, valueAt } from "./paths.ts";

/** One place of a config that is wrong: where, and a full sentence about what is there and what belongs there. */
export interface Problem {
  readonly path: string;
  readonly text: string;
}

/** All problems of one config as one error. */
export function problemsError(what: string, problems: readonly Problem[]): VtpipeError {
  const lines = problems.map(({ path, text }) => `${path}: ${text}`);
  return new VtpipeError({
    code: "config",
    message:
      lines.length === 1 ? `${what}: ${lines[0]}` : `${what} has ${lines.length} problems:\n  ${lines.join("\n  ")}`,
    now: "Nothing was read or changed.",
    todo: "Correct this and run the same command again.",
  });
}

/**
 * The issues of a failed parse in words. `shown` is the value as the user wrote it, before environment variables were
 * put in, so that no secret from the environment is ever quoted; `at` is where it stands in the config.
 */
export function explainIssues(
  schema: $ZodType,
  issues: readonly $ZodIssue[],
  shown: unknown,
  at: readonly PropertyKey[] = [],
): Problem[] {
  return issues.flatMap((issue) => explainIssue(schema, issue, shown, at));
}

function explainIssue(schema: $ZodType, issue: $ZodIssue, shown: unknown, at: readonly PropertyKey[]): Problem[] {
  const path = [...at, ...issue.path];
  const place = schemaAt(schema, issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = place === null ? [] : keysOf(place);
    return issue.keys.map((key) => ({
      path: pathText([...path, key]),
      text: `There is no such key here.${didYouMean(key, known) || ` Known keys: ${known.join(", ")}.`}`,
    }));
  }
  const facts = place === null ? {} : factsOf(place);
  const expected = typeof facts["expected"] === "string" ? facts["expected"] : null;
  const value = valueAt(shown, issue.path);
  if (value === undefined) {
    return [{ path: pathText(path), text: expected === null ? "This is required." : `This is required: ${expected}.` }];
  }
  const found = facts["secret"] === true ? "a value that is not shown here" : inWords(value);
  const text =
    expected === null ? `${sentence(issue.message)} Found ${found}.` : `Expected ${expected}, found ${found}.`;
  return [{ path: pathText(path), text }];
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A config value for a message: scalars as they are, cut at 60 characters; the kind of anything larger. */
function inWords(value: unknown): string {
  if (value === null) return "nothing (null)";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a section";
  if (typeof value === "function") return "a function";
  const text = typeof value === "string" ? JSON.stringify(withoutPassword(value)) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** What stands between a colon and the last `@` may be the password of a URL, however broken the URL is. */
function withoutPassword(text: string): string {
  return text.replace(/^([a-z]*:\/*)?([^:]*):.*@/is, "$1$2:***@");
}

/** The parts of zod's own definitions that are walked; public as `schema._zod.def`. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, $ZodType>>;
  readonly valueType?: $ZodType;
  readonly element?: $ZodType;
  readonly innerType?: $ZodType;
  readonly in?: $ZodType;
  readonly out?: $ZodType;
  readonly options?: readonly $ZodType[];
}

const definitionOf = (schema: $ZodType): Definition => schema._zod.def as unknown as Definition;

/** The schema inside optional, default and the like; of a pipe the side that checks rather than changes. */
function inner(schema: $ZodType): $ZodType | null {
  const { type, innerType, in: input, out } = definitionOf(schema);
  if (type === "pipe") return (input !== undefined && definitionOf(input).type === "transform" ? out : input) ?? null;
  return innerType ?? null;
}

function schemaAt(schema: $ZodType, path: readonly PropertyKey[]): $ZodType | null {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const wrapped = inner(schema);
  if (wrapped !== null) return schemaAt(wrapped, path);
  const { shape, valueType, element, options } = definitionOf(schema);
  for (const next of options ?? []) {
    const found = schemaAt(next, path);
    if (found !== null) return found;
  }
  const next = shape?.[String(key)] ?? valueType ?? element;
  return next === undefined ? null : schemaAt(next, rest);
}

/** Top-level keys of an object schema, wrapped or not. */
export function keysOf(schema: $ZodType): string[] {
  const { shape } = definitionOf(schema);
  if (shape !== undefined) return Object.keys(shape);
  const wrapped = inner(schema);
  return wrapped === null ? [] : keysOf(wrapped);
}

/** What `meta` says about a schema, its wrappers' facts first. */
export function factsOf(schema: $ZodType): Readonly<Record<string, unknown>> {
  const meta = (schema as { meta?: () => Record<string, unknown> | undefined }).meta?.() ?? {};
  const wrapped = inner(schema);
  return wrapped === null ? meta : { ...factsOf(wrapped), ...meta };
}

/** Every string in `value` that stands where the schema says `secret`. */
export function secretsIn(schema: $ZodType, value: unknown): string[] {
  if (factsOf(schema)["secret"] === true) return typeof value === "string" ? [value] : [];
  const wrapped = inner(schema);
  if (wrapped !== null) return secretsIn(wrapped, value);
  if (value === null || typeof value !== "object") return [];
  const { shape, valueType, element, options } = definitionOf(schema);
  if (options !== undefined) return options.flatMap((option) => secretsIn(option, value));
  return Object.entries(value).flatMap(([key, part]) => {
    const next = shape?.[key] ?? valueType ?? element;
    return next === undefined ? [] : secretsIn(next, part);
  });
}
