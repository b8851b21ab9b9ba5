import * as z from "zod";
import { builtIns } from "../../transforms/index.ts";
import { configSchema } from "./schema.ts";
import { useSchema } from "./steps.ts";

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

/** The config reference as markdown, made from the schema: every key with what it takes, its default and its meaning. */
export function configReference(): string {
  const lines = ["| key | takes | default | meaning |", "|---|---|---|---|", ...rows(described(configSchema), "")];
  const transforms = [
    ...builtIns.values(),
    { name: "use", purpose: "Runs a transform of your own.", parameters: useSchema },
  ];
  for (const { name, purpose, parameters } of transforms) {
    lines.push("", `**${name}** – ${purpose}`, "", "| parameter | takes | default | meaning |", "|---|---|---|---|");
    lines.push(...rows(described(parameters), ""));
  }
  return `${lines.join("\n")}\n`;
}

function described(schema: z.core.$ZodType): Described {
  return z.toJSONSchema(schema, { io: "output", unrepresentable: "any" }) as Described;
}

function rows(section: Described, prefix: string): string[] {
  return Object.entries(section.properties ?? {}).flatMap(([key, value]) => {
    const required =
      section.required?.includes(key) === true && value.default === undefined && value.properties === undefined;
    const entry = typeof value.additionalProperties === "object" ? value.additionalProperties : undefined;
    const below = value.properties === undefined ? [] : rows(value, `${prefix}${key}.`);
    const named = entry?.properties === undefined ? [] : rows(entry, `${prefix}${key}.<name>.`);
    return [row(`${prefix}${key}`, value, required), ...below, ...named];
  });
}

function row(key: string, value: Described, required: boolean): string {
  const fallback = value.byDefault ?? (value.default === undefined ? null : `\`${JSON.stringify(value.default)}\``);
  const cells = [
    `\`${key}\``,
    value.expected ?? value.type ?? "",
    fallback ?? (required ? "required" : ""),
    value.description ?? "",
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
