import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import { type Condition, conditionOf } from "../../transforms/conditions/condition.ts";
import { builtIns } from "../../transforms/index.ts";
import { VtpipeError } from "../contracts/errors.ts";
import { explainIssues, problemsError } from "../contracts/problems.ts";
import { defineRowTransform } from "../contracts/row-transform.ts";
import {
  type ConfiguredStep,
  defineTransform,
  type StepInput,
  type TransformDefinition,
} from "../contracts/transform.ts";
import { moduleOf, stepLabel } from "./step-label.ts";

/** A configured step with the definition behind it, ready to be planned. */
export interface ResolvedStep {
  readonly definition: TransformDefinition;
  /** As the definition's schema made them. */
  readonly parameters: unknown;
  /** Of its `when`, over the columns that reach it; null: it works on every row. */
  readonly condition: ((input: StepInput) => Condition) | null;
  /** What messages call the step: `hash`, `use ./my-transform.ts`. */
  readonly label: string;
  /** SHA-256 of a user's module, hex; null for built-ins. */
  readonly source: string | null;
}

/** Finds the definition behind a step. Throws a `config` error when there is none or the parameters do not fit it. */
export type Registry = (step: ConfiguredStep) => ResolvedStep;

interface UserModule {
  readonly definition: TransformDefinition;
  readonly source: string;
}

/**
 * A registry of the built-ins and of the user modules the steps name. Functions cannot cross threads, so every worker
 * makes its own from the same steps. Module paths are relative to `baseDirectory`, the config file's folder. What is `given`
 * under a module's name is taken in place of a file.
 */
export async function loadRegistry(
  steps: readonly ConfiguredStep[],
  baseDirectory: string,
  given: ReadonlyMap<string, TransformDefinition> = new Map(),
): Promise<Registry> {
  const modules = new Map<string, UserModule>();
  for (const step of steps) {
    const name = moduleOf(step);
    if (name === null || modules.has(name)) continue;
    const definition = given.get(name);
    const module =
      definition === undefined
        ? await loadModule(name, baseDirectory, step.path)
        : { definition: checkedExport({ default: definition }, name, step.path), source: name };
    modules.set(name, module);
  }
  return (step) => {
    const name = moduleOf(step);
    const found = name === null ? { definition: builtIns.get(step.name), source: null } : modules.get(name);
    if (found?.definition === undefined) throw refused(step.path, `There is no transform "${step.name}".`);
    const { definition, source } = found;
    const given = name === null ? step.parameters : ((step.parameters as { parameters?: unknown }).parameters ?? {});
    const parsed = definition.parameters.safeParse(given);
    if (!parsed.success) {
      // Their values may come from the environment, so they are not quoted; the kinds of the issues say enough.
      const at = `${step.path}${name === null ? "" : ".parameters"}`;
      const problems = explainIssues(definition.parameters, parsed.error.issues, masked(given));
      throw problemsError(
        "The config",
        problems.map(({ path, text }) => ({ path: `${at}.${path}`, text })),
      );
    }
    const { when } = step;
    const condition = when === undefined ? null : (input: StepInput) => conditionOf(when, input);
    return { definition, parameters: parsed.data, condition, label: stepLabel(step), source };
  };
}

async function loadModule(name: string, baseDirectory: string, path: string): Promise<UserModule> {
  const file = resolve(baseDirectory, name);
  const text = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? "there is no such file" : cause.message;
    throw refused(`${path}.module`, `The module ${file} cannot be read: ${why}.`, cause);
  });
  return { definition: checkedExport(await importModule(file, path), file, path), source: sha256(text) };
}

async function importModule(file: string, path: string): Promise<Record<string, unknown>> {
  try {
    // A transform imports `vtpipe` and `zod` wherever it lies: it gets ours, and needs no package.json of its own.
    // Loaded when a module is named: it is a compiler, and every worker thread would load its own.
    const { createJiti } = await import("jiti");
    const jiti = createJiti(import.meta.url, {
      fsCache: false,
      moduleCache: false,
      interopDefault: false,
      virtualModules: { vtpipe: { defineRowTransform, defineTransform, VtpipeError, z }, zod: { ...z, default: z } },
    });
    return await jiti.import<Record<string, unknown>>(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refused(`${path}.module`, `The module ${file} cannot be loaded: ${why}`, cause);
  }
}

function checkedExport(exports: Record<string, unknown>, file: string, path: string): TransformDefinition {
  const found = exports["default"] ?? exports["transform"];
  if (isDefinition(found)) return found;
  const what =
    found === undefined
      ? "exports neither a default nor a `transform`"
      : typeof found === "function"
        ? "exports a plain function; vtpipe has to know which columns it reads and writes, so a definition is needed"
        : "exports something that is not a transform: name, purpose, parameters (a zod schema) and plan are needed";
  throw refused(`${path}.module`, `The module ${file} ${what}.`);
}

function isDefinition(value: unknown): value is TransformDefinition {
  if (value === null || typeof value !== "object") return false;
  const { name, purpose, parameters, plan } = value as Partial<TransformDefinition>;
  const isSchema = typeof parameters === "object" && "_zod" in parameters && typeof parameters.safeParse === "function";
  return typeof name === "string" && typeof purpose === "string" && isSchema && typeof plan === "function";
}

/** The same structure with every text and number replaced by a mark. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (value === null || typeof value !== "object") return typeof value === "boolean" ? value : "…";
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, masked(part)]));
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function refused(path: string, text: string, cause?: unknown): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `${path}: ${text}`,
    now: "Nothing was read or changed.",
    todo: 'Export one made with defineTransform: import { defineTransform } from "vtpipe"; export default defineTransform({ … });',
    cause,
  });
}
