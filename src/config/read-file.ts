import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { parseDocument } from "yaml";
import { VtpipeError } from "../contracts/errors.ts";
import { defineConfig } from "./define-config.ts";

/** Extensions that are run as modules; everything else is read as YAML, which JSON is a part of. */
const moduleExtensions = new Set([".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"]);

/** What a config file says, unchecked. `file` is absolute. */
export async function readConfigFile(file: string): Promise<unknown> {
  return moduleExtensions.has(extname(file)) ? await readModule(file) : readYaml(file, await readText(file));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

function readYaml(file: string, text: string): unknown {
  // Integers come as bigint, so that a constant of 20 digits is not rounded on its way in.
  const document = parsed(file, text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new VtpipeError({
      code: "config",
      message: `${file} is not valid YAML: ${problem.message.trimEnd()}`,
      now: "Nothing was read or changed.",
      todo: "Correct the file and run the same command again.",
    });
  }
  try {
    // A small bound: a config has no reason to repeat anchors, and nested ones could fill memory.
    return document.toJS({ maxAliasCount: 100, reviver: (_key, value) => narrow(value) }) ?? {};
  } catch (error) {
    throw unreadable(file, endless(error));
  }
}

function parsed(file: string, text: string): ReturnType<typeof parseDocument> {
  try {
    return parseDocument(text, { intAsBigInt: true, prettyErrors: true });
  } catch (error) {
    throw unreadable(file, endless(error));
  }
}

/** The stack's end, which is all that the parser knows of nesting without one, in words that help. */
function endless(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  return new Error("it is nested without end, or holds itself: an anchor is used inside of what it names.", {
    cause: error,
  });
}

/** Integers a number holds exactly become numbers, larger ones texts of digits. */
function narrow(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

async function readModule(file: string): Promise<unknown> {
  await readText(file);
  try {
    // No caches: they would write outside of the run directory and serve an edited file stale.
    const virtualModules = { vtpipe: { defineConfig } };
    // Loaded when a module is named: it is a compiler, and every worker thread would load its own.
    const { createJiti } = await import("jiti");
    const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false, virtualModules });
    return await jiti.import(file, { default: true });
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): VtpipeError {
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  const why = cause instanceof Error ? cause.message : String(cause);
  return new VtpipeError({
    code: "config",
    message: missing ? `The config file ${file} does not exist.` : `The config file ${file} cannot be read: ${why}`,
    now: "Nothing was read or changed.",
    todo: missing ? "Give its path with -c, or create it." : "Make it readable and run the same command again.",
    cause,
  });
}
