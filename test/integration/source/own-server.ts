import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { noTls, type ServerAddress } from "../../../src/mysql/server-url.ts";
import { openSession } from "../../../src/mysql/session.ts";
import { cacheDirectory, makePrivateDirectory, makeRuntimeDirectory } from "../../../src/sandbox/folders.ts";
import { findMysqlHome } from "../../../src/sandbox/mysql-home.ts";
import { dataTemplate, startMysqld, waitForMysqld } from "../../../src/sandbox/mysqld.ts";
import { freePorts } from "../../../src/sandbox/ports.ts";
import { stopServer } from "../../../src/sandbox/server-process.ts";

export interface OwnServer extends AsyncDisposable {
  /** As root, with every privilege. */
  readonly address: ServerAddress;
  /** Makes an account with these grants and gives its address. */
  account(user: string, ...grants: string[]): Promise<ServerAddress>;
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
  const server = await startMysqld(home, template, spec);
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
    [Symbol.asyncDispose]: stop,
  };
}
