import * as z from "zod";

/** The parts of a JSON schema that make a line of the reference. */
interface Described {
  readonly type?: string;
  readonly description?: string;
  readonly expected?: string;
  readonly byDefault?: string;
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: Described | boolean;
}

/** One key or parameter: what it takes, its default (`required` when it has none), what it means. */
export interface ParameterLine {
  readonly name: string;
  readonly takes: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** Every key of a section, those of sections within it by their path. */
export function parameterLines(schema: z.core.$ZodType): ParameterLine[] {
  return lines(z.toJSONSchema(schema, { io: "output", unrepresentable: "any" }) as Described, "");
}

/** The lines as a markdown table. */
export function parameterTable(heading: string, schema: z.core.$ZodType): string[] {
  const rows = parameterLines(schema).map(({ name, takes, fallback, meaning }) => {
    const cells = [`\`${name}\``, takes, fallback, meaning];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [`| ${heading} | takes | default | meaning |`, "|---|---|---|---|", ...rows];
}

function lines(section: Described, prefix: string): ParameterLine[] {
  return Object.entries(section.properties ?? {}).flatMap(([key, value]) => {
    const required =
      section.required?.includes(key) === true && value.default === undefined && value.properties === undefined;
    const entry = typeof value.additionalProperties === "object" ? value.additionalProperties : undefined;
    const below = value.properties === undefined ? [] : lines(value, `${prefix}${key}.`);
    const named = entry?.properties === undefined ? [] : lines(entry, `${prefix}${key}.<name>.`);
    return [line(`${prefix}${key}`, value, required), ...below, ...named];
  });
}

function line(name: string, value: Described, required: boolean): ParameterLine {
  const given = value.byDefault ?? (value.default === undefined ? null : `\`${JSON.stringify(value.default)}\``);
  return {
    name,
    takes: value.expected ?? value.type ?? "",
    fallback: given ?? (required ? "required" : ""),
    meaning: value.description ?? "",
  };
}
