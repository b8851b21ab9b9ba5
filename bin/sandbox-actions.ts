import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { emptyOutcome, type JobContext, type JobOutcome } from "../src/run/job.ts";
import { demoJob } from "../src/run/jobs/demo.ts";
import { writeSampleConfig } from "../src/sandbox/sample/sample-config.ts";
import { type SandboxState, sandboxDown, sandboxStatus, sandboxUp } from "../src/sandbox/sandbox.ts";

/** What the sandbox's verbs may be given. */
export interface SandboxCommandOptions {
  readonly json?: boolean;
  readonly directory?: string;
  readonly shards?: number;
  readonly vitess?: "auto" | "never" | "always";
  readonly sample?: boolean;
  readonly config?: string;
}

export async function up(options: SandboxCommandOptions, context: JobContext): Promise<JobOutcome> {
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
}

export async function down(options: SandboxCommandOptions, context: JobContext): Promise<JobOutcome> {
  const there = await sandboxDown(options.directory);
  context.emit({ type: "note", text: there ? "The sandbox is down; nothing of it is left." : "There is no sandbox." });
  return emptyOutcome;
}

export async function status(options: SandboxCommandOptions, context: JobContext): Promise<JobOutcome> {
  const found = await sandboxStatus(options.directory);
  if (found === null) {
    context.emit({ type: "note", text: "There is no sandbox." });
    return emptyOutcome;
  }
  const { state, processes, running } = found;
  context.print({ ...publicState(state, null), processes, running }, () =>
    [
      running ? "The sandbox is up." : "The sandbox is NOT complete: take it down and up again.",
      ...processes.map(({ name, pid, running: alive }) => `  ${alive ? "running" : "ended  "} ${name} (${pid})`),
      stateText(state, null),
    ].join("\n"),
  );
  return { ...emptyOutcome, target: state.target?.kind ?? null };
}

export function demo(options: SandboxCommandOptions, context: JobContext): Promise<JobOutcome> {
  return demoJob({ vitess: options.vitess ?? "auto", directory: resolve(options.directory ?? "runs/demo") }, context);
}

/** Without passwords. */
function publicState({ directory, mysql, source, shards, target }: SandboxState, config: string | null): object {
  const { host, port, database, user } = source;
  return {
    directory,
    mysql,
    source: { host, port, database, user },
    shards: shards.map((shard) => ({ name: shard.name, host: shard.host, port: shard.port, database: shard.database })),
    target: target && {
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
  if (target !== null) {
    lines.push(`target  ${target.description}, vtgate://${target.host}:${target.port}/${target.keyspace}`);
  }
  lines.push(`passwords are in ${directory}/sandbox.json`);
  if (config !== null) {
    lines.push("", "To move the sample database:");
    lines.push(`  cd ${resolve(config, "..")} && set -a && . ./sandbox.env && set +a`);
    lines.push("  vtpipe schema apply -c vtpipe.yaml && vtpipe run -c vtpipe.yaml");
  }
  return lines.join("\n");
}
