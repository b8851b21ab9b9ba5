import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { freePorts } from "../../src/sandbox/ports.ts";
import { type ServerProcess, startServer, stopServer, waitForServer } from "../../src/sandbox/server-process.ts";
import { readState } from "../../src/sandbox/state-file.ts";
import { type Migration, newMigration, onShards, usualConfig } from "../integration/run/migration.ts";
import { type Certificate, canIssueCertificates, newAuthority } from "../support/certificates.ts";
import { commandOf, withFlags } from "../support/process-command.ts";

const { kind, description, user, password, keyspace } = inject("vtgate");
const why =
  kind !== "vitess" ? `the target is the ${description}` : (await canIssueCertificates()) ? null : "no openssl";
if (why !== null) process.stderr.write(`SKIPPED: TLS to a real vtgate; ${why}\n`);

/** A vtgate of our own on the sandbox's topology, which lets nobody in without TLS and a certificate of our authority. */
describe.skipIf(why !== null)("vtgate with TLS", () => {
  let folder: string;
  let migration: Migration;
  let gate: ServerProcess;
  let port: number;
  let us: Certificate;
  let ca: string;
  let stranger: Certificate;
  const table = "vt_tls_rows";

  beforeAll(async () => {
    migration = await newMigration("vt_tls", {
      [table]: {
        source: [
          `CREATE TABLE ${table} (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(40))`,
          `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 900) SELECT n, CONCAT('name ', n) FROM r`,
        ],
      },
    });
    folder = await mkdtemp(join(tmpdir(), "vtpipe-vtgate-tls-"));
    // vtgate may run as another user than we do.
    await chmod(folder, 0o755);
    const authority = await newAuthority(folder, "ours");
    const theirs = await newAuthority(folder, "theirs");
    const its = await authority.issue("vtgate", ["DNS:localhost", "IP:127.0.0.1"]);
    us = await authority.issue("us");
    stranger = await theirs.issue("stranger");
    ca = authority.ca;
    await chmod(its.key, 0o644);
    const state = await readState(inject("sandbox"));
    const usual = state?.processes.find(({ name }) => name === "vtgate");
    if (usual === undefined) throw new Error("the sandbox has no vtgate");
    const [web = 0, grpc = 0, mysql = 0] = await freePorts(3);
    port = mysql;
    const command = withFlags(await commandOf(usual), { port: web, "grpc-port": grpc, "mysql-server-port": mysql });
    gate = await startServer({
      ...command,
      name: "vtgate with TLS",
      log: join(folder, "vtgate.log"),
      command: [
        ...command.command,
        ...[`--mysql-server-ssl-cert=${its.cert}`, `--mysql-server-ssl-key=${its.key}`],
        ...[`--mysql-server-ssl-ca=${ca}`, "--mysql-server-require-secure-transport"],
      ],
    });
    await waitForServer(gate, 60, async () => {
      const ssl = {
        rejectUnauthorized: false,
        cert: await readFile(us.cert, "utf8"),
        key: await readFile(us.key, "utf8"),
      };
      const connection = await createConnection({ host: "127.0.0.1", port, user, password, database: keyspace, ssl });
      await connection.query("SELECT 1");
      await connection.end();
      return true;
    });
  });
  afterAll(async () => {
    if (gate !== undefined) await stopServer(gate, 10);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    await migration?.[Symbol.asyncDispose]();
  });

  /** The usual config with this gate as target; `options` are those of its URL. */
  async function configure(options: string, host = "127.0.0.1"): Promise<void> {
    const url = `vtgate://${user}@${host}:${port}/${keyspace}${options}`;
    await writeFile(join(migration.folder, "target.txt"), `${password}\n`, { mode: 0o600 });
    await migration.configure({ ...usualConfig("vt_tls"), target: { url, passwordFile: "target.txt" } });
  }

  test.each(["127.0.0.1", "localhost"])("rows are loaded and verified under verify-identity, by %s", async (host) => {
    await migration.clear();
    // File names start from the config's folder, wherever the command is given.
    const file = (path: string): string => relative(migration.folder, path);
    await configure(`?tls=verify-identity&ca=${file(ca)}&cert=${file(us.cert)}&key=${file(us.key)}`, host);
    const ran = await migration.run("run", [], { cwd: "/" });
    expect(ran.error).toBeNull();
    expect(ran.summary?.tables).toMatchObject([{ source: table, rows: 900, verified: true }]);
    expect(await onShards(`SELECT id FROM ${table}`)).toHaveLength(900);
    const verified = await migration.run("verify");
    expect([verified.error, verified.exitCode]).toEqual([null, 0]);
  });

  test("what is wrong is named: no TLS, another authority, no certificate, a stranger's", async () => {
    await migration.clear();
    expect((await migration.run("dump")).error).toBeNull();
    for (const [options, message, todo] of [
      ["?tls=disabled", /lets nobody in without TLS/, /tls=required/],
      [`?ca=${stranger.cert}&cert=${us.cert}&key=${us.key}`, /signed by no authority in/, /ca=FILE/],
      [`?ca=${ca}`, /without a client certificate/, /cert=FILE and key=FILE/],
      [`?ca=${ca}&cert=${stranger.cert}&key=${stranger.key}`, /the client certificate in/, /which the server trusts/],
    ] as const) {
      await configure(options);
      const { error, exitCode } = await migration.run("load", ["./run"]);
      expect([error?.code, exitCode], `${options}: ${error?.message}`).toEqual(["access", 1]);
      expect(error?.message).toMatch(message);
      expect(error?.todo).toMatch(todo);
    }
    expect(await onShards(`SELECT id FROM ${table}`)).toEqual([]);
  });
});
