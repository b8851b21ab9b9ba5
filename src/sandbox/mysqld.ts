import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, constants, cp, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Connection, createConnection } from "mysql2/promise";
import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import { withFileLock } from "./file-lock.ts";
import { cacheDirectory, makePrivateDirectory } from "./folders.ts";
import type { MysqlHome } from "./mysql-home.ts";
import { type ServerProcess, startServer, waitForServer } from "./server-process.ts";

/** A MySQL server to be. */
export interface MysqldSpec {
  /** For messages and file names: "source", "shard -80". */
  readonly name: string;
  /** Its data folder is made below this one. */
  readonly directory: string;
  /** Short folder for its sockets. */
  readonly runtimeDirectory: string;
  readonly port: number;
  /** X Protocol port; null: no X plugin. */
  readonly mysqlxPort: number | null;
  readonly serverId: number;
  readonly bufferPoolMiB: number;
  readonly performanceSchema: boolean;
  /** Run before the first client is let in, outside the binary log: users and databases. */
  readonly initSql: readonly string[];
  /** Options of its own; they win over ours. */
  readonly flags?: readonly string[];
}

export interface RunningMysqld {
  readonly process: ServerProcess;
  readonly socket: string;
  /** Holds passwords, so it goes once the server has read it. */
  readonly initFile: string;
}

const run = promisify(execFile);
const START_SECONDS = 90;
const INITIALIZE_TIMEOUT_MS = 180_000;

/** Tables, pages and log as small as the server allows: a sandbox is copied and thrown away. */
const smallFiles = ["--loose-innodb-redo-log-capacity=16777216", "--innodb-doublewrite=OFF"];

/**
 * A data folder as `mysqld --initialize` makes it, made once per server version in the cache folder and then copied:
 * a copy takes a tenth of the time.
 */
export async function dataTemplate(
  home: MysqlHome,
  onEvent: EventSink,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const id = createHash("sha256").update(home.mysqld.join("\0")).update(smallFiles.join()).digest("hex").slice(0, 12);
  const template = join(cacheDirectory(env), `mysql-data-${home.version}-${id}`);
  if (await exists(template)) return template;
  await makePrivateDirectory(dirname(template));
  return withFileLock(`${template}.lock`, 300, async () => {
    if (await exists(template)) return template;
    onEvent({ type: "note", text: `MySQL ${home.version}: making an empty data folder, once` });
    const making = await mkdtemp(`${template}.making-`);
    try {
      const data = join(making, "data");
      const [program = "", ...args] = [...home.mysqld, ...asUs(), ...smallFiles, `--datadir=${data}`];
      await run(program, [...args, "--initialize-insecure"], { timeout: INITIALIZE_TIMEOUT_MS, cwd: "/" });
      // Holds the server's UUID: two servers with the same one cannot replicate, and GTIDs would mix.
      await rm(join(data, "auto.cnf"), { force: true });
      await rename(data, template);
    } catch (cause) {
      throw new VtpipeError({
        code: "internal",
        message: `mysqld (${home.origin}) could not initialize a data folder: ${outputOf(cause)}`,
        now: "Nothing was started.",
        todo: "The server's own words above say why; another mysqld can be named in VTPIPE_MYSQLD.",
        cause,
      });
    } finally {
      await rm(making, { recursive: true, force: true });
    }
    return template;
  });
}

/** Starts a server on a fresh copy of the template. It answers nobody yet: see {@link waitForMysqld}. */
export async function startMysqld(home: MysqlHome, template: string, spec: MysqldSpec): Promise<RunningMysqld> {
  const slug = spec.name.replace(/[^a-z0-9-]/gi, "_");
  const data = join(spec.directory, slug);
  const socket = join(spec.runtimeDirectory, `${slug}.sock`);
  const initFile = join(spec.directory, `${slug}.init.sql`);
  await cp(template, data, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await writeFile(initFile, ["SET sql_log_bin = 0", ...spec.initSql].map((sql) => `${sql};\n`).join(""), {
    mode: 0o600,
  });
  const process = await startServer({
    name: `mysqld of ${spec.name}`,
    log: join(spec.directory, `${slug}.log`),
    command: [
      ...home.mysqld,
      ...asUs(),
      ...serverFlags(spec),
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--init-file=${initFile}`,
    ],
  });
  return { process, socket, initFile };
}

function serverFlags(spec: MysqldSpec): string[] {
  return [
    ...smallFiles,
    `--port=${spec.port}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    `--server-id=${spec.serverId}`,
    "--log-bin=binlog",
    "--binlog-row-image=FULL",
    "--gtid-mode=ON",
    "--enforce-gtid-consistency=ON",
    "--local-infile=ON",
    "--secure-file-priv=NULL",
    ...(spec.mysqlxPort === null
      ? ["--loose-mysqlx=OFF"]
      : [
          `--loose-mysqlx-port=${spec.mysqlxPort}`,
          "--loose-mysqlx-bind-address=127.0.0.1",
          `--loose-mysqlx-socket=${join(spec.runtimeDirectory, `x${spec.serverId}.sock`)}`,
        ]),
    // The kernel keeps what a killed server wrote; only a power cut could lose it, and a sandbox does not outlive one.
    "--innodb-flush-log-at-trx-commit=2",
    "--sync-binlog=0",
    `--innodb-buffer-pool-size=${spec.bufferPoolMiB}M`,
    "--innodb-log-buffer-size=8M",
    "--max-connections=200",
    "--table-open-cache=800",
    "--table-definition-cache=800",
    // 170 MB less in a server that nobody asks for it. The source has it, as servers people migrate from do.
    ...(spec.performanceSchema ? ["--performance-schema-instrument=memory/%=OFF"] : ["--performance-schema=OFF"]),
    ...(spec.flags ?? []),
  ];
}

/** A server that runs as root insists on being told so. */
function asUs(): string[] {
  return process.getuid?.() === 0 ? ["--user=root"] : [];
}

/** Waits until the server lets this user in over its socket. */
export async function waitForMysqld(
  server: RunningMysqld,
  user: string,
  password: string,
  signal?: AbortSignal,
): Promise<void> {
  await waitForServer(
    server.process,
    START_SECONDS,
    async () => {
      const connection = await connectSocket(server.socket, user, password);
      await connection.end();
      return true;
    },
    signal,
  );
  await rm(server.initFile, { force: true });
}

async function connectSocket(socketPath: string, user: string, password: string): Promise<Connection> {
  return createConnection({ socketPath, user, password, connectTimeout: 5000 });
}

function outputOf(error: unknown): string {
  const stderr = (error as { stderr?: string }).stderr?.trim();
  return (stderr || (error instanceof Error ? error.message : String(error))).slice(-1500);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
