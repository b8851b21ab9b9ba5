import { builtIns } from "../../transforms/index.ts";
import { secretsIn } from "../contracts/problems.ts";
import type { ConfiguredStep } from "../contracts/transform.ts";
import type { Config } from "./config.ts";

/**
 * The strings of a config that nobody may see: passwords, the run directory's key, and parameters whose schema says `secret`. A
 * user's module is not loaded here: of its parameters, as of SQL, what comes from an environment variable counts. What is plain in
 * the config file is no secret, and may be the name of a column, which would be missing in everything that is said about it.
 */
export function secretsOf(config: Config): readonly string[] {
  const passwords = [
    config.source?.password,
    config.target?.password,
    config.handoff?.login?.password,
    config.encryption?.key,
  ].filter((text) => typeof text === "string");
  const steps = Object.values(config.tables.rules).flatMap((rule) => rule.transforms.flatMap(stepSecrets));
  return [...new Set([...passwords, ...steps, ...config.moduleSecrets])].filter((text) => text !== "");
}

function stepSecrets(step: ConfiguredStep): string[] {
  const definition = builtIns.get(step.name);
  return definition === undefined ? [] : secretsIn(definition.parameters, step.parameters);
}
