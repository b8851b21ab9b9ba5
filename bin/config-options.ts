import { existsSync } from "node:fs";
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { Config, ConfigOverrides } from "../src/config/config.ts";
import type { JobContext } from "../src/run/job.ts";
import type { Side } from "./ask-passwords.ts";
import type { OutputOptions } from "./job-command.ts";

/** Options of every command that reads the config. */
export interface ConfigCommandOptions extends OutputOptions {
  readonly config?: string;
  readonly source?: string;
  readonly target?: string;
  readonly directory?: string;
  readonly workers?: number;
  readonly chunkBytes?: string;
  readonly include?: string[];
  readonly exclude?: string[];
  readonly strategy?: string;
  readonly lockTimeout?: number;
  readonly maxRate?: string;
  readonly keepFiles?: boolean;
  readonly verify?: boolean;
  readonly askPasswords?: boolean;
}

/** Groups of options; a command takes those that mean something to it. */
export type OptionGroup =
  | "source"
  | "target"
  | "directory"
  | "workers"
  | "read"
  | "rate"
  | "strategy"
  | "load"
  | "tables"
  | "verify";

export function withJson(command: Command): Command {
  return command.option("--json", "print JSON lines of events, ending in a summary");
}

export function withConfig(command: Command, groups: readonly OptionGroup[]): Command {
  command.option(
    "-c, --config <file>",
    "config file, YAML or TypeScript/JavaScript (default: vtpipe.yaml when it exists)",
  );
  if (groups.includes("source")) command.option("--source <url>", "source, mysql://user@host:port/database");
  if (groups.includes("target")) command.option("--target <url>", "target, vtgate://user@host:port/keyspace");
  if (groups.includes("source") || groups.includes("target")) {
    command.option("--ask-passwords", "ask on the terminal for passwords that the config does not give");
  }
  if (groups.includes("directory")) command.option("--directory <dir>", "run directory");
  if (groups.includes("tables")) {
    command.option("--include <globs...>", "tables to move");
    command.option("--exclude <globs...>", "tables not to move");
  }
  if (groups.includes("workers")) command.option("--workers <n>", "worker threads", wholeNumber);
  if (groups.includes("read")) {
    command.option("--chunk-bytes <size>", "row bytes per chunk file, such as 32MiB");
    command.option("--lock-timeout <seconds>", "how long the snapshot may wait for its lock", wholeNumber);
  }
  if (groups.includes("rate")) {
    command.option("--max-rate <size>", "row bytes per second, such as 50MiB; `vtpipe limits` changes it meanwhile");
  }
  if (groups.includes("load") || groups.includes("strategy")) {
    command.addOption(
      new Option("--strategy <name>", "statements to load with").choices(["auto", "values", "json-table"]),
    );
  }
  if (groups.includes("load")) {
    command.option("--no-keep-files", "delete each chunk file once it is loaded");
  }
  if (groups.includes("verify")) command.option("--no-verify", "do not compare source and target after loading");
  return withJson(command);
}

/** The file people keep in the folder they work in. */
const usualFile = "vtpipe.yaml";

/**
 * File, environment and command line as one checked config, whose secrets will not be shown. `sides` are the servers the command
 * logs in to: their passwords may be asked for.
 */
export async function configOf(
  options: ConfigCommandOptions,
  context: JobContext,
  sides: readonly Side[],
): Promise<Config> {
  const overrides: ConfigOverrides = {
    sourceUrl: options.source,
    targetUrl: options.target,
    directory: options.directory,
    workers: options.workers,
    chunkBytes: options.chunkBytes,
    include: options.include,
    exclude: options.exclude,
    strategy: options.strategy,
    lockTimeoutSeconds: options.lockTimeout,
    maxRate: options.maxRate,
    // commander sets these to true by default for --no-… options: only an explicit false overrides the file.
    keepFiles: options.keepFiles === false ? false : undefined,
    verify: options.verify === false ? false : undefined,
  };
  const file = options.config ?? (existsSync(usualFile) ? usualFile : null);
  const { loadConfig } = await import("../src/config/load-config.ts");
  const { secretsOf } = await import("../src/config/secrets.ts");
  const given = await loadConfig(file, process.env, overrides);
  context.keepSecret(secretsOf(given));
  for (const text of given.warnings) context.emit({ type: "warning", code: "config", text });
  if (!options.askPasswords) return given;
  const { askPasswords } = await import("./ask-passwords.ts");
  const config = await askPasswords(given, sides, context.stop.signal);
  context.keepSecret(secretsOf(config));
  return config;
}

/** Option parser: a whole number from 1. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1 is expected.");
  return value;
}

/** Option parser: a whole number between two others, both included. */
export function numberWithin(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (value < least || value > most) throw new InvalidArgumentError(`a number from ${least} to ${most} is expected.`);
    return value;
  };
}
