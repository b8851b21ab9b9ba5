import { VtpipeError } from "../contracts/errors.ts";
import { didYouMean } from "../contracts/nearest-name.ts";
import { pathText } from "../contracts/paths.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Levels of a config; no key of ours is a tenth as deep. */
const deepest = 100;

/**
 * Puts environment variables into the string values of a raw config: `${NAME}` is its value, `$${` is a plain `${`.
 * Keys, and texts without `${`, stay as they are. A variable that is not set, and a `${` that is none, is an error
 * naming its place: an empty password or salt taken silently would be worse.
 */
export function substitute(raw: unknown, env: Environment, path: readonly PropertyKey[] = []): unknown {
  if (typeof raw === "string") return raw.includes("${") ? substituteText(raw, env, path) : raw;
  if (path.length > deepest) {
    throw broken(
      `${pathText(path.slice(0, 6))} goes more than ${deepest} levels deep, or holds itself.`,
      "Write it flat, without an object that is part of itself.",
    );
  }
  if (Array.isArray(raw)) return raw.map((value, i) => substitute(value, env, [...path, i]));
  if (raw === null || typeof raw !== "object") return raw;
  if (Object.hasOwn(raw, "__proto__")) {
    throw broken(
      `${pathText([...path, "__proto__"])} has a name that no key of a config may have, because it would be passed over silently.`,
      "Take it out. A table of that name moves without a rule, or stays behind by `exclude`.",
    );
  }
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, substitute(value, env, [...path, key])]));
}

/** The values of all variables that the texts of `raw` name, as {@link substitute} puts them in. */
export function variableValues(raw: unknown, env: Environment): string[] {
  if (raw !== null && typeof raw === "object") return Object.values(raw).flatMap((part) => variableValues(part, env));
  if (typeof raw !== "string") return [];
  return Array.from(raw.matchAll(/\$\$\{|\$\{([^}]*)\}/g), ([, name = ""]) =>
    Object.hasOwn(env, name) ? (env[name] ?? "") : "",
  ).filter(Boolean);
}

function substituteText(text: string, env: Environment, path: readonly PropertyKey[]): string {
  return text.replace(/\$\$\{|\$\{([^}]*)\}?/g, (match: string, name: string | undefined) => {
    if (name === undefined) return "${";
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || !match.endsWith("}")) {
      throw broken(
        `${pathText(path)} contains "${match}", which is not of the form \${NAME}.`,
        "Write $${ for a plain ${.",
      );
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined) return value;
    throw broken(
      `${pathText(path)} uses \${${name}}, but the environment variable ${name} is not set.${didYouMean(name, Object.keys(env))}`,
      `Set it (export ${name}=…) and run the command again, or write $\${${name}} for that plain text.`,
    );
  });
}

function broken(message: string, todo: string): VtpipeError {
  return new VtpipeError({ code: "config", message, now: "Nothing was read or changed.", todo });
}
