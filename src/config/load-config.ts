import { dirname, resolve } from "node:path";
import { valueAt } from "../contracts/paths.ts";
import { explainIssues, type Problem, problemsError } from "../contracts/problems.ts";
import type { Config, ConfigOverrides, HandoffConfig, TableRule } from "./config.ts";
import { substitute, variableValues } from "./environment.ts";
import type { CheckedHandoff } from "./handoff-schema.ts";
import { splitPassword } from "./passwords.ts";
import { readConfigFile } from "./read-file.ts";
import { configSchema } from "./schema.ts";
import { checkSteps } from "./steps.ts";

/**
 * Reads a config in three stages: raw (the file, environment variables, then the command line on top), checked
 * (every problem listed at once), compiled and frozen. `file` null: the command line says everything.
 * Throws a `config` error naming each wrong place, with nothing read from any server yet.
 */
export async function loadConfig(
  file: string | null,
  env: Readonly<Record<string, string | undefined>>,
  overrides: ConfigOverrides = {},
): Promise<Config> {
  const path = file === null ? null : resolve(file);
  const written = path === null ? { version: 1 } : await readConfigFile(path);
  return compileConfig(written, path, env, overrides);
}

/** {@link loadConfig} without the reading: `written` is what the file says. */
export function compileConfig(
  written: unknown,
  file: string | null,
  env: Readonly<Record<string, string | undefined>>,
  overrides: ConfigOverrides = {},
): Config {
  const what = file ?? "The command line";
  const shown = withOverrides(written, overrides);
  const parsed = configSchema.safeParse(substitute(shown, env));
  if (!parsed.success) throw problemsError(what, explainIssues(configSchema, parsed.error.issues, shown));
  const checked = parsed.data;
  const problems: Problem[] = [];
  const rules = Object.entries(checked.tables.rules).map(([table, rule]): [string, TableRule] => {
    const at = ["tables", "rules", table, "transforms"];
    const steps = checkSteps(rule.transforms, valueAt(shown, at), at);
    problems.push(...steps.problems);
    return [table, { as: rule.as ?? null, where: rule.where ?? null, transforms: steps.steps }];
  });
  const warnings: string[] = [];
  const server = (side: "source" | "target") => {
    const section = checked[side];
    if (section === undefined) return null;
    const { url, password } = splitPassword(section.url);
    if (password !== null && section.password !== undefined) {
      problems.push({ path: `${side}.password`, text: `There is a password in ${side}.url too. Keep one of them.` });
    }
    const written = valueAt(shown, [side, "url"]);
    const plain = typeof written === "string" && splitPassword(written).password?.includes("${") !== true;
    if (password !== null && plain) warnings.push(passwordWarning(side, overrides[`${side}Url`] !== undefined));
    return { url, password: section.password ?? password, silenceSeconds: section.silenceSeconds };
  };
  const source = server("source");
  const target = server("target");
  for (const name of ["statementRows", "statementBytes"] as const) {
    const { min, max } = checked.load[name];
    if (min > max) problems.push({ path: `load.${name}`, text: `min (${min}) is more than max (${max}).` });
  }
  if (problems.length > 0) throw problemsError(what, problems);
  const baseDirectory = file === null ? process.cwd() : dirname(file);
  return deepFreeze<Config>({
    file,
    baseDirectory,
    source: source && { ...source, lockTimeoutSeconds: checked.source?.lockTimeoutSeconds ?? 5 },
    target: target && { ...target, vtctld: checked.target?.vtctld ?? null },
    directory: resolve(baseDirectory, checked.directory),
    workers: checked.workers,
    chunkBytes: checked.chunkBytes,
    keepFiles: checked.keepFiles,
    transformTimeoutSeconds: checked.transformTimeoutSeconds,
    verify: checked.verify,
    tables: { include: checked.tables.include, exclude: checked.tables.exclude, rules: Object.fromEntries(rules) },
    schema: checked.schema,
    load: { ...checked.load, sessions: checked.load.sessions ?? null },
    policy: checked.policy,
    sensitive: checked.sensitive,
    handoff: checked.handoff === undefined ? null : handoffOf(checked.handoff, baseDirectory),
    moduleSecrets: Object.entries(checked.tables.rules).flatMap(([table, { transforms }]) =>
      transforms.flatMap((_, i) =>
        variableValues(valueAt(shown, ["tables", "rules", table, "transforms", i, "use", "parameters"]), env),
      ),
    ),
    warnings,
  });
}

function handoffOf({ login, tls, ...handoff }: CheckedHandoff, baseDirectory: string): HandoffConfig {
  const file = (path: string | undefined) => (path === undefined ? null : resolve(baseDirectory, path));
  const files = tls && { ca: file(tls.ca), cert: file(tls.cert), key: file(tls.key) };
  return {
    ...handoff,
    login: login ?? null,
    tls: files === undefined ? null : { ...files, serverName: tls?.serverName ?? null },
  };
}

function passwordWarning(side: "source" | "target", onCommandLine: boolean): string {
  const variable = `\${${side.toUpperCase()}_PASSWORD}`;
  return onCommandLine
    ? `The ${side} password is on the command line, where the process list and the shell's history show it. Set ${side}.password: "${variable}" in the config file.`
    : `${side}.url holds a plain password. Take it out and set ${side}.password: "${variable}".`;
}

/** The raw config with the command line on top. Relative paths of the command line start from the working directory. */
function withOverrides(written: unknown, over: ConfigOverrides): unknown {
  if (written === null || typeof written !== "object" || Array.isArray(written)) return written;
  const raw = written as Record<string, unknown>;
  const source = { url: over.sourceUrl, lockTimeoutSeconds: over.lockTimeoutSeconds };
  return overlay(raw, {
    directory: over.directory === undefined ? undefined : resolve(over.directory),
    workers: over.workers,
    chunkBytes: over.chunkBytes,
    keepFiles: over.keepFiles,
    verify: over.verify,
    source: overlay(withoutPassword(raw["source"], over.sourceUrl), source),
    target: overlay(withoutPassword(raw["target"], over.targetUrl), { url: over.targetUrl, vtctld: over.vtctld }),
    tables: overlay(raw["tables"], { include: over.include, exclude: over.exclude }),
    load: overlay(raw["load"], { strategy: over.strategy }),
  });
}

/** `below` with the given ones of `values` on top; untouched when none is given or it is no section. */
function overlay(below: unknown, values: Readonly<Record<string, unknown>>): unknown {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  if (given.length === 0 || (below !== undefined && (below === null || typeof below !== "object"))) return below;
  return { ...below, ...Object.fromEntries(given) };
}

/** A URL that brings its own password replaces the one in the file. */
function withoutPassword(section: unknown, url: string | undefined): unknown {
  if (url === undefined || splitPassword(url).password === null) return section;
  if (section === null || typeof section !== "object") return section;
  return Object.fromEntries(Object.entries(section).filter(([key]) => key !== "password"));
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === "object") {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
