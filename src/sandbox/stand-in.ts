import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { EventSink } from "../contracts/events.ts";
import { compiledFile } from "./compiled-file.ts";
import { freePorts } from "./ports.ts";
import { type ServerProcess, startServer, waitForServer } from "./server-process.ts";
import type { VschemaJson } from "./vschema-json.ts";

/** What the stand-in router is told, as a JSON file; it reads the file again on SIGHUP. */
export interface StandInConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly keyspace: string;
  readonly shards: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  }[];
  readonly vschema: VschemaJson;
}

export interface StandInSpec {
  readonly directory: string;
  readonly config: Omit<StandInConfig, "host" | "port">;
  readonly onEvent: EventSink;
  readonly onProcess: (process: ServerProcess) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

const ANSWER_SECONDS = 20;

/** Starts the stand-in router as a process of its own. Returns its port and config file. */
export async function startStandIn(spec: StandInSpec): Promise<{ port: number; configFile: string }> {
  const main = compiledFile("router/main.js");
  const [port = 0] = await freePorts(1);
  const config: StandInConfig = { host: "127.0.0.1", port, ...spec.config };
  const configFile = join(spec.directory, "router.json");
  await writeStandInConfig(configFile, config);
  spec.onEvent({ type: "note", text: "Target: starting the stand-in router (this is not Vitess)" });
  const process_ = await startServer({
    name: "stand-in router",
    log: join(spec.directory, "router.log"),
    command: [process.execPath, main, configFile],
  });
  await spec.onProcess(process_);
  await waitForServer(
    process_,
    ANSWER_SECONDS,
    async () => {
      const { user, password } = config;
      const connection = await createConnection({ host: "127.0.0.1", port, user, password, connectTimeout: 5000 });
      const [rows] = await connection.query<RowDataPacket[]>("SHOW VITESS_SHARDS");
      await connection.end();
      return rows.length === config.shards.length;
    },
    spec.signal,
  );
  return { port, configFile };
}

export async function readStandInConfig(file: string): Promise<StandInConfig> {
  return JSON.parse(await readFile(file, "utf8")) as StandInConfig;
}

export async function writeStandInConfig(file: string, config: StandInConfig): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(config, null, 2), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
