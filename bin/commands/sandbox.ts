import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { emptyOutcome } from "../../src/run/job.ts";
import { demoJob } from "../../src/run/jobs/demo.ts";
import { writeSampleConfig } from "../../src/sandbox/sample/sample-config.ts";
import { type SandboxState, sandboxDown, sandboxStatus, sandboxUp } from "../../src/sandbox/sandbox.ts";
import { wholeNumber, withJson } from "../config-options.ts";
import { type OutputOptions, runJob } from "../job-command.ts";

interface SandboxCommandOptions extends OutputOptions {
  readonly directory?: string;
  readonly shards?: number;
  readonly vitess?: "auto" | "never" | "always";
  readonly sample?: boolean;
  readonly config?: string;
}

/** Real servers on this machine to try vtpipe on, and the main job on them. */
export function sandboxCommand(): Command {
  return new Command("sandbox")
    .description("Real MySQL servers on loopback, with Vitess where it is installed, to try vtpipe on.")
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(statusCommand())
    .addCommand(demoCommand());
}

const directoryOption = (): Option =>
  new Option("--directory <dir>", "the sandbox's folder (default: in the cache folder)");
const vitessOption = (): Option =>
  new Option("--vitess <when>", "real Vitess: where found, never (the stand-in router), or always")
    .choices(["auto", "never", "always"])
    .default("auto");

function upCommand(): Command {
  const command = new Command("up")
    .description("Start a source, a server per shard, and Vitess or its stand-in. They run until `down`.")
    .addOption(directoryOption())
    .option("--shards <n>", "1, 2, 4, 8 or 16 (default: 2)", wholeNumber)
    .addOption(vitessOption())
    .option("--sample", "load the sample database into the source")
    .option("--config <dir>", "write a config for the sample database into this folder");
  return withJson(command).action((options: SandboxCommandOptions) =>
    runJob(
      "sandbox up",
      options,
      async (context) => {
        const { directory, shards, vitess, sample, config } = options;
        const state = await sandboxUp({
          ...(directory === undefined ? {} : { directory }),
          ...(shards === undefined ? {} : { shards }),
          ...(vitess === undefined ? {} : { vitess }),
          sample: sample ?? false,
          onEvent: context.emit,
          signal: context.stop.signal,
        });
        let file: string | null = null;
        if (config !== undefined) {
          await mkdir(config, { recursive: true });
          file = await writeSampleConfig(state, resolve(config));
        }
        context.print(publicState(state, file), () => stateText(state, file));
        return { ...emptyOutcome, target: state.target?.kind ?? null };
      },
      { summary: options.json === true },
    ),
  );
}

function downCommand(): Command {
  const command = new Command("down")
    .description("End every process of the sandbox and remove its data.")
    .addOption(directoryOption());
  return withJson(command).action((options: SandboxCommandOptions) =>
    runJob(
      "sandbox down",
      options,
      async (context) => {
        const there = await sandboxDown(options.directory);
        context.emit({
          type: "note",
          text: there ? "The sandbox is down; nothing of it is left." : "There is no sandbox.",
        });
        return emptyOutcome;
      },
      { summary: options.json === true },
    ),
  );
}

function statusCommand(): Command {
  const command = new Command("status").description("Say what runs and where.").addOption(directoryOption());
  return withJson(command).action((options: SandboxCommandOptions) =>
    runJob(
      "sandbox status",
      options,
      async (context) => {
        const status = await sandboxStatus(options.directory);
        if (status === null) {
          context.emit({ type: "note", text: "There is no sandbox." });
          return emptyOutcome;
        }
        const { state, processes, running } = status;
        context.print({ ...publicState(state, null), processes, running }, () =>
          [
            running ? "The sandbox is up." : "The sandbox is NOT complete: take it down and up again.",
            ...processes.map(({ name, pid, running: alive }) => `  ${alive ? "running" : "ended  "} ${name} (${pid})`),
            stateText(state, null),
          ].join("\n"),
        );
        return { ...emptyOutcome, target: state.target?.kind ?? null };
      },
      { summary: options.json === true },
    ),
  );
}

function demoCommand(): Command {
  const command = new Command("demo")
    .description("The main job from start to end on a sandbox of its own, which is taken down afterwards.")
    .addOption(vitessOption())
    .option("--directory <dir>", "where the run's chunk files go", "runs/demo");
  return withJson(command).action((options: SandboxCommandOptions) =>
    runJob("run", options, (context) =>
      demoJob({ vitess: options.vitess ?? "auto", directory: resolve(options.directory ?? "runs/demo") }, context),
    ),
  );
}

/** Without passwords. */
function publicState({ directory, mysql, source, shards, target }: SandboxState, config: string | null): object {
  const { host, port, database, user } = source;
  return {
    directory,
    mysql,
    source: { host, port, database, user },
    shards: shards.map((shard) => ({ name: shard.name, host: shard.host, port: shard.port, database: shard.database })),
    target:
      target === null
        ? null
        : {
            description: target.description,
            host: target.host,
            port: target.port,
            keyspace: target.keyspace,
            vtctld: target.vtctld,
          },
    config,
  };
}

function stateText({ directory, mysql, source, shards, target }: SandboxState, config: string | null): string {
  const lines = [
    `MySQL ${mysql.version} (${mysql.origin})`,
    `source  ${source.host}:${source.port}/${source.database}`,
    ...shards.map((shard) => `shard   ${shard.name.padEnd(4)} ${shard.host}:${shard.port}/${shard.database}`),
  ];
  if (target !== null)
    lines.push(`target  ${target.description}, vtgate://${target.host}:${target.port}/${target.keyspace}`);
  lines.push(`passwords are in ${directory}/sandbox.json`);
  if (config !== null) {
    const folder = resolve(config, "..");
    lines.push("", "To move the sample database:", `  cd ${folder} && set -a && . ./sandbox.env && set +a`);
    lines.push("  vtpipe schema apply -c vtpipe.yaml && vtpipe run -c vtpipe.yaml");
  }
  return lines.join("\n");
}
