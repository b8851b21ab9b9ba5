import { parameterTable } from "./parameter-table.ts";
import { configSchema } from "./schema.ts";
import { transformReference } from "./transform-reference.ts";

/**
 * The config reference as markdown, made from the schema: every key with what it takes, its default and its meaning, and
 * the pages of all transforms.
 */
export function configReference(): string {
  return [...parameterTable("key", configSchema), "", transformReference()].join("\n");
}
