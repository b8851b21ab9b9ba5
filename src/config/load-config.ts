import { dirname, resolve } from "node:path";
import type { Limits } from "../contracts/limits.ts";
import { valueAt } from "../contracts/paths.ts";
import { explainIssues, type Problem, problemsError } from "../contracts/problems.ts";
import type { Config, ConfigOverrides, HandoffConfig, TableRule } from "./config.ts";
import { findKey } from "./encryption.ts";
import { substitute, variableValues } from "./environment.ts";
import type { CheckedHandoff } from "./handoff-schema.ts";
import type { CheckedLimits } from "./limits-schema.ts";
import { withPasswordFiles } from "./password-files.ts";
import { refusePasswordArgument, splitPassword } from "./passwords.ts";
import { readConfigFile } from "./read-file.ts";
import { configSchema } from "./schema.ts";
import { checkSteps } from "./steps.ts";
import { withAbsoluteFiles } from "./url-files.ts";

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
  return deepFreeze(await withPasswordFiles(compileConfig(written, path, env, overrides)));
}

/** {@link loadConfig} without reading the config file: `written` is what it says, and password files are only named. */
export function compileConfig(
  written: unknown,
  file: string | null,
  env: Readonly<Record<string, string | undefined>>,
  overrides: ConfigOverrides = {},
): Config {
  refusePasswordArgument("source", overrides.sourceUrl);
  refusePasswordArgument("target", overrides.targetUrl);
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
  const baseDirectory = file === null ? process.cwd() : dirname(file);
  const fileFrom = (path: string | undefined) => (path === undefined ? null : resolve(baseDirectory, path));
  const server = (side: "source" | "target") => {
    const section = checked[side];
    if (section === undefined) return null;
    const { url, password } = splitPassword(section.url);
    const given = { url: password, password: section.password, passwordFile: section.passwordFile };
    const [first, ...others] = Object.entries(given).flatMap(([key, value]) =>
      typeof value === "string" ? [key] : [],
    );
    const text = `There is a password in ${side}.${first} too. Keep one of them.`;
    problems.push(...others.map((key) => ({ path: `${side}.${key}`, text })));
    const written = valueAt(shown, [side, "url"]);
    const plain = typeof written === "string" && splitPassword(written).password?.includes("${") !== true;
    if (password !== null && plain) warnings.push(passwordWarning(side));
    const filesFrom = overrides[`${side}Url`] === undefined ? baseDirectory : process.cwd();
    return {
      url: withAbsoluteFiles(url, filesFrom),
      password: section.password ?? password,
      passwordFile: fileFrom(section.passwordFile),
      silenceSeconds: section.silenceSeconds,
    };
  };
  const source = server("source");
  const target = server("target");
  for (const name of ["statementRows", "statementBytes"] as const) {
    const { min, max } = checked.load[name];
    if (min > max) problems.push({ path: `load.${name}`, text: `min (${min}) is more than max (${max}).` });
  }
  const login = checked.handoff?.login;
  if (login !== undefined && (login.password === undefined) === (login.passwordFile === undefined)) {
    problems.push({ path: "handoff.login", text: "Expected exactly one of password and passwordFile." });
  }
  const directory = resolve(baseDirectory, checked.directory);
  const found = checked.encryption === undefined ? null : findKey(checked.encryption, baseDirectory, directory);
  problems.push(...(found?.problems ?? []));
  warnings.push(...(found?.warnings ?? []));
  if (problems.length > 0) throw problemsError(what, problems);
  return deepFreeze<Config>({
    file,
    baseDirectory,
    source: source && { ...source, lockTimeoutSeconds: checked.source?.lockTimeoutSeconds ?? 5 },
    target: target && { ...target, vtctld: checked.target?.vtctld ?? null },
    directory,
    workers: checked.workers,
    chunkBytes: checked.chunkBytes,
    keepFiles: checked.keepFiles,
    transformTimeoutSeconds: checked.transformTimeoutSeconds,
    stallSeconds: checked.stallSeconds,
    verify: checked.verify,
    tables: { include: checked.tables.include, exclude: checked.tables.exclude, rules: Object.fromEntries(rules) },
    schema: checked.schema,
    load: { ...checked.load, sessions: checked.load.sessions ?? null },
    limits: limitsOf(checked.limits),
    policy: checked.policy,
    sensitive: checked.sensitive,
    encryption: found?.encryption ?? null,
    handoff: checked.handoff === undefined ? null : handoffOf(checked.handoff, fileFrom),
    moduleSecrets: Object.entries(checked.tables.rules).flatMap(([table, { transforms }]) =>
      transforms.flatMap((_, i) =>
        [
          ["use", "parameters"],
          ["sql", "expression"],
        ].flatMap((place) =>
          variableValues(valueAt(shown, ["tables", "rules", table, "transforms", i, ...place]), env),
        ),
      ),
    ),
    warnings,
  });
}

function handoffOf(
  { login, tls, ...handoff }: CheckedHandoff,
  file: (path: string | undefined) => string | null,
): HandoffConfig {
  const files = tls && { ca: file(tls.ca), cert: file(tls.cert), key: file(tls.key) };
  return {
    ...handoff,
    login:
      login === undefined ? null : { ...login, password: login.password ?? "", passwordFile: file(login.passwordFile) },
    tls: files === undefined ? null : { ...files, serverName: tls?.serverName ?? null },
  };
}

function limitsOf(checked: CheckedLimits): Limits {
  const { vitessThrottler, maxRate, threadsRunning, sourceLagSeconds, targetLagSeconds, historyListLength } = checked;
  return {
    maxRate: maxRate ?? null,
    threadsRunning: threadsRunning ?? null,
    sourceLagSeconds: sourceLagSeconds ?? null,
    targetLagSeconds: targetLagSeconds ?? null,
    vitessThrottler,
    historyListLength: historyListLength ?? null,
  };
}

function passwordWarning(side: "source" | "target"): string {
  return `${side}.url holds a plain password. Take it out and set ${side}.password: "\${${side.toUpperCase()}_PASSWORD}", or ${side}.passwordFile.`;
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
    source: overlay(raw["source"], source),
    target: overlay(raw["target"], { url: over.targetUrl, vtctld: over.vtctld }),
    tables: overlay(raw["tables"], { include: over.include, exclude: over.exclude }),
    load: overlay(raw["load"], { strategy: over.strategy }),
    limits: overlay(raw["limits"], { maxRate: over.maxRate }),
  });
}

/** `below` with the given ones of `values` on top; untouched when none is given or it is no section. */
function overlay(below: unknown, values: Readonly<Record<string, unknown>>): unknown {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  if (given.length === 0 || (below !== undefined && (below === null || typeof below !== "object"))) return below;
  return { ...below, ...Object.fromEntries(given) };
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === "object") {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
