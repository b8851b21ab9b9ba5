import { builtIns } from "../../transforms/index.ts";
import { secretsIn } from "../contracts/problems.ts";
import type { ConfiguredStep } from "../contracts/transform.ts";
import type { Config } from "./config.ts";

/**
 * The strings of a config that nobody may see: passwords, and parameters whose schema says `secret`. A user's module is
 * not loaded here: of its parameters what comes from an environment variable counts. What is plain in the config file is no
 * secret, and may be the name of a column, which would be missing in everything that is said about it.
 */
export function secretsOf(config: Config): readonly string[] {
  const passwords = [config.source?.password, config.target?.password, config.handoff?.login?.password].filter(
    (text) => typeof text === "string",
  );
  const steps = Object.values(config.tables.rules).flatMap((rule) => rule.transforms.flatMap(stepSecrets));
  return [...new Set([...passwords, ...steps, ...config.moduleSecrets])].filter((text) => text !== "");
}

function stepSecrets(step: ConfiguredStep): string[] {
  const definition = builtIns.get(step.name);
  return definition === undefined ? [] : secretsIn(definition.parameters, step.parameters);
}

/**
 * A function that takes secrets out of texts on their way to a person or a log, also where they stand URL-encoded or
 * as JSON. Secrets of fewer than 4 characters are left: taking "1" out of every number would hide nothing and ruin the text.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  // Longest first, so that a secret that contains another one goes as a whole.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
}
