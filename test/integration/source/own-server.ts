import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { noTls, type ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession } from "../../../src/mysql/session.ts";
import { cacheDirectory, makePrivateDirectory, makeRuntimeDirectory } from "../../../src/sandbox/folders.ts";
import { findMysqlHome } from "../../../src/sandbox/mysql-home.ts";
import { dataTemplate, startMysqld, waitForMysqld } from "../../../src/sandbox/mysqld.ts";
import { freePorts } from "../../../src/sandbox/ports.ts";
import { type ServerCommand, startServer, stopServer } from "../../../src/sandbox/server-process.ts";
import { commandOf, killServer, mysqldAgain, withFlags } from "../../support/process-command.ts";

export interface OwnServer extends AsyncDisposable {
  /** As root, with every privilege. */
  readonly address: ServerAddress;
  /** Makes an account with these grants and gives its address. */
  account(user: string, ...grants: string[]): Promise<ServerAddress>;
  /** Kills it (SIGKILL). Returns when it is gone. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, with other values for some of its flags, and waits until it answers. */
  start(flags?: Readonly<Record<string, string>>): Promise<void>;
}

/**
 * A MySQL server for one test file. Global locks, read-only mode and GTIDs that nobody else adds to need a server that
 * no other test file works on.
 */
export async function startOwnServer(name: string, flags: readonly string[] = []): Promise<OwnServer> {
  const home = await findMysqlHome(() => {});
  const template = await dataTemplate(home, () => {});
  await makePrivateDirectory(cacheDirectory());
  const directory = await mkdtemp(join(cacheDirectory(), `test-${name}-`));
  const runtimeDirectory = await makeRuntimeDirectory();
  const [port = 0] = await freePorts(1);
  const initSql = ["localhost", "127.0.0.1"].flatMap((host) => [
    `CREATE USER IF NOT EXISTS root@'${host}'`,
    `GRANT ALL ON *.* TO root@'${host}' WITH GRANT OPTION`,
  ]);
  const sizes = { mysqlxPort: null, serverId: 7, bufferPoolMiB: 32, performanceSchema: true };
  const spec = { name, directory, runtimeDirectory, port, ...sizes, initSql, flags };
  let server = await startMysqld(home, template, spec);
  let killed: ServerCommand | null = null;
  const stop = async (): Promise<void> => {
    await stopServer(server.process, 30);
    for (const folder of [directory, runtimeDirectory]) await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitForMysqld(server, "root", "");
  } catch (error) {
    await stop();
    throw error;
  }
  const address: ServerAddress = {
    scheme: "mysql",
    host: "127.0.0.1",
    port,
    socketPath: null,
    user: "root",
    password: "",
    database: "",
    tls: noTls,
  };
  return {
    address,
    async account(user, ...grants) {
      await using root = await openSession(address, { purpose: "control" });
      await root.run(`CREATE USER '${user}'@'127.0.0.1' IDENTIFIED BY 'secret of ${user}'`);
      for (const grant of grants) await root.run(`GRANT ${grant} TO '${user}'@'127.0.0.1'`);
      return { ...address, user, password: `secret of ${user}`, tls: { ...noTls, mode: "preferred" } };
    },
    async kill() {
      killed = await commandOf(server.process);
      await killServer(server.process);
    },
    async start(changed = {}) {
      if (killed === null) throw new Error(`${name} was not killed`);
      server = { ...server, process: await startServer(withFlags(mysqldAgain(killed), changed)) };
      await waitForMysqld(server, "root", "");
    },
    [Symbol.asyncDispose]: stop,
  };
}
