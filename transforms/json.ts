import * as z from "zod";
import { defineTransform, type StepInput, type TransformDefinition } from "../src/contracts/transform.ts";
import { jsonText } from "./constants/json.ts";
import { cellStep } from "./parts/cell-step.ts";
import { keysOfPath, withMember, withoutMember } from "./parts/json-text.ts";
import { columnName } from "./parts/parameters.ts";
import { asText, hexLiteral, textOf } from "./parts/text.ts";

interface JsonParameters {
  readonly column: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
  readonly redact: readonly string[];
}

/** One change of a document, as text and as SQL around SQL for the document. */
interface Change {
  apply(text: string): string;
  sql(document: string): string;
}

const accepts = ["json"] as const;
const paths = (what: string): z.ZodDefault<z.ZodArray<z.ZodString>> =>
  z.array(z.string()).meta({ description: what, expected: "a list of paths like $.card.number" }).default([]);

export const json: TransformDefinition<JsonParameters> = defineTransform({
  name: "json",
  purpose: "Sets, removes or redacts members of JSON documents by path.",
  parameters: z
    .strictObject({
      column: columnName,
      set: z
        .record(z.string(), z.unknown())
        .meta({
          description: "Path: value. Adds the member where its object is there, as JSON_SET does.",
          expected: "a section like { $.verified: false }",
        })
        .default({}),
      remove: paths("Members to leave out."),
      redact: paths('Members whose value, if they are there, becomes "redacted".'),
    })
    .refine(({ set, remove, redact }) => Object.keys(set).length + remove.length + redact.length > 0, {
      message: "`set`, `remove` or `redact` is needed",
    }),
  facts: {
    accepts,
    nulls: "NULL stays NULL, and a JSON null has no members.",
    twin: "Yes. Paths go through objects only: array elements have no path here.",
    collisions: "Documents that differ in those members only become equal.",
  },
  plan({ column, set, remove, redact }, input) {
    const before = input.column(column, accepts);
    const changes: Change[] = [
      ...Object.entries(set).map(([path, value]) => setting(input, path, value, true)),
      ...remove.map((path) => removing(input, path)),
      ...redact.map((path) => setting(input, path, JSON.stringify("redacted"), false)),
    ];
    return cellStep(input, {
      before,
      make: (value) => Buffer.from(changes.reduce((text, change) => change.apply(text), textOf(value))),
      twin: (_, sql) => changes.reduce((document, change) => change.sql(document), sql),
    });
  },
});

/** With a JSON text as the value of a `redact`, and anything a config may say as that of a `set`. */
function setting(input: StepInput, path: string, value: unknown, add: boolean): Change {
  const keys = keysIn(input, path);
  const text =
    (typeof value === "string" && add ? JSON.stringify(value) : jsonText(value)) ??
    input.refuse(
      `The value for ${path} is not printed alike by MySQL and JavaScript.`,
      "Give a number without an exponent.",
    );
  return {
    apply: (document) => withMember(document, keys, text, add),
    sql: (document) =>
      `JSON_${add ? "SET" : "REPLACE"}(${document}, ${pathSql(keys)}, CAST(${asText(hexLiteral(text))} AS JSON))`,
  };
}

function removing(input: StepInput, path: string): Change {
  const keys = keysIn(input, path);
  return {
    apply: (document) => withoutMember(document, keys),
    sql: (document) => `JSON_REMOVE(${document}, ${pathSql(keys)})`,
  };
}

function keysIn(input: StepInput, path: string): string[] {
  return (
    keysOfPath(path) ??
    input.refuse(
      `${JSON.stringify(path)} is no path to a member.`,
      'Write one like $.card.number or $."a key"; array elements have none.',
    )
  );
}

const pathSql = (keys: readonly string[]): string =>
  asText(hexLiteral(`$${keys.map((key) => `.${JSON.stringify(key)}`).join("")}`));
