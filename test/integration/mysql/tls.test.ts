import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDump } from "../../../src/mysql/binlog/dump-stream.ts";
import { noTls, type ServerAddress, type Tls } from "../../../src/mysql/server-url.ts";
import { openSession, type Session } from "../../../src/mysql/session.ts";
import { type Authority, type Certificate, canIssueCertificates, newAuthority } from "../../support/certificates.ts";
import { type OwnServer, startOwnServer } from "../source/own-server.ts";

const canIssue = await canIssueCertificates();
if (!canIssue) process.stderr.write("SKIPPED: TLS with certificates of our own; there is no openssl command\n");

describe.skipIf(!canIssue)("TLS", () => {
  let folder: string;
  let server: OwnServer;
  let root: Session;
  let ours: Authority;
  let theirs: Authority;
  let us: Certificate;
  /** For the address and for the name. */
  let both: Certificate;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vtpipe-tls-"));
    ours = await newAuthority(folder, "ours");
    theirs = await newAuthority(folder, "theirs");
    both = await ours.issue("both", ["DNS:localhost", "IP:127.0.0.1"]);
    us = await ours.issue("us");
    server = await startOwnServer("tls");
    root = await openSession(server.address, { purpose: "control" });
    await serverShows(both);
  });
  afterAll(async () => {
    await root?.close();
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** New connections see this certificate; client certificates are checked by our authority. */
  async function serverShows({ cert, key }: Certificate): Promise<void> {
    await root.run(`SET GLOBAL ssl_ca = '${ours.ca}', GLOBAL ssl_cert = '${cert}', GLOBAL ssl_key = '${key}'`);
    await root.run("ALTER INSTANCE RELOAD TLS");
  }

  const addressBy = (tls: Partial<Tls>, more: Partial<ServerAddress> = {}): ServerAddress => ({
    ...server.address,
    ...more,
    tls: { ...noTls, ...tls },
  });
  async function cipherBy(tls: Partial<Tls>, more: Partial<ServerAddress> = {}): Promise<string> {
    await using session = await openSession(addressBy(tls, more), { purpose: "source" });
    const [cipher] = await session.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
    return cipher?.["Value"] ?? "";
  }

  describe("modes", () => {
    test.each([
      ["disabled", false],
      ["preferred", true],
      ["required", true],
      ["verify-ca", true],
      ["verify-identity", true],
    ] as const)("%s is encrypted: %s", async (mode, encrypted) => {
      const ca = mode.startsWith("verify-") ? ours.ca : null;
      expect((await cipherBy({ mode, ca })) !== "").toBe(encrypted);
    });

    test("a certificate that nobody we know has signed passes where it is not looked at, and nowhere else", async () => {
      for (const mode of ["preferred", "required"] as const) expect(await cipherBy({ mode })).not.toBe("");
      for (const mode of ["verify-ca", "verify-identity"] as const) {
        await expect(cipherBy({ mode, ca: theirs.ca })).rejects.toMatchObject({
          code: "access",
          message: expect.stringContaining(`signed by no authority in ${theirs.ca}`),
          todo: expect.stringContaining("ca=FILE"),
        });
        await expect(cipherBy({ mode })).rejects.toMatchObject({
          code: "access",
          message: expect.stringContaining("signed by no authority that Node trusts"),
        });
      }
    });

    test("verify-identity goes by the host of the URL, be it an IP address; verify-ca by none", async () => {
      const [name, address] = [await ours.issue("name", ["DNS:localhost"]), await ours.issue("ip", ["IP:127.0.0.1"])];
      const [byName, byAddress] = [{ host: "localhost" }, { host: "127.0.0.1" }];
      const verified = { mode: "verify-identity", ca: ours.ca } as const;
      const wrong = (host: string) => ({
        code: "access",
        message: expect.stringContaining("is for another host"),
        todo: expect.stringContaining(`"${host}"`),
      });
      try {
        await serverShows(name);
        expect(await cipherBy(verified, byName)).not.toBe("");
        await expect(cipherBy(verified, byAddress)).rejects.toMatchObject(wrong("127.0.0.1"));
        await serverShows(address);
        expect(await cipherBy(verified, byAddress)).not.toBe("");
        await expect(cipherBy(verified, byName)).rejects.toMatchObject(wrong("localhost"));
        expect(await cipherBy({ mode: "verify-ca", ca: ours.ca }, byName)).not.toBe("");
      } finally {
        await serverShows(both);
      }
    });

    test("a wrong identity is found out before user and password are sent", async () => {
      await root.run("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON");
      await serverShows(await ours.issue("elsewhere", ["DNS:elsewhere.example"]));
      const logins = async (user: string): Promise<number> =>
        (
          await root.query(
            `SELECT 1 FROM mysql.general_log WHERE command_type = 'Connect' AND argument LIKE '${user}@%'`,
          )
        ).length;
      try {
        const by = (mode: Tls["mode"], user: string) => cipherBy({ mode, ca: ours.ca }, { user, password: "guessed" });
        await expect(by("verify-ca", "unchecked")).rejects.toMatchObject({ context: { errno: 1045 } });
        await expect(by("verify-identity", "checked")).rejects.toThrow("is for another host");
        expect([await logins("unchecked"), await logins("checked")]).toEqual([1, 0]);
      } finally {
        await serverShows(both);
        await root.run("SET GLOBAL general_log = OFF");
      }
    });
  });

  describe("client certificates", () => {
    test("an account that has to show one is let in with it, for every connection that is made", async () => {
      const account = await server.account("certified", "SELECT ON *.*", "REPLICATION SLAVE ON *.*");
      await root.run("ALTER USER certified@'127.0.0.1' REQUIRE X509");
      const verified = { mode: "verify-identity", ca: ours.ca } as const;
      const login = { user: account.user, password: account.password };
      await expect(cipherBy(verified, login)).rejects.toMatchObject({
        code: "access",
        todo: expect.stringContaining("cert=FILE and key=FILE"),
      });
      const address = addressBy({ ...verified, ...us }, login);
      await using session = await openSession(address, { purpose: "source" });
      const rows =
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5000) SELECT n, REPEAT('x', 1000) FROM r";
      await session.run("SET SESSION cte_max_recursion_depth = 10000");
      let read = 0;
      for await (const batch of session.readRows(rows, { batchBytes: 10_000 })) {
        read += batch.rows;
        if (read > 100) break;
      }
      // The end of the read was a KILL QUERY of a second connection with the same certificate: this one lives on.
      expect(await session.query("SELECT CONNECTION_ID() AS id")).toEqual([{ id: String(session.connectionId) }]);
      const dump = await openDump(address, { position: new Map() });
      expect((await dump.next()).length).toBeGreaterThan(19);
      dump.close();
    });

    test("one of another authority is not accepted", async () => {
      const stranger = await theirs.issue("stranger");
      await server.account("any", "SELECT ON *.*");
      await root.run("ALTER USER any@'127.0.0.1' REQUIRE X509");
      const tls = { mode: "required", ...stranger } as const;
      await expect(cipherBy(tls, { user: "any", password: "secret of any" })).rejects.toMatchObject({ code: "access" });
    });

    test("files that cannot be used are named, each with what is wrong", async () => {
      const mode = "required";
      const none = join(folder, "none.pem");
      const text = join(folder, "text.pem");
      await writeFile(text, "no certificate\n");
      const other = await ours.issue("other");
      for (const [tls, says] of [
        [{ mode: "verify-ca", ca: none }, `certificate authority file ${none} cannot be read: ENOENT`],
        [{ mode: "verify-ca", ca: text }, `certificate authority file ${text} holds no certificate`],
        [{ mode, cert: none, key: us.key }, `client certificate file ${none} cannot be read`],
        [{ mode, cert: text, key: us.key }, `client certificate file ${text} holds no certificate`],
        [{ mode, cert: us.cert, key: text }, `client key file ${text} holds no key`],
        [{ mode, cert: us.cert, key: other.key }, `${other.key} does not belong to the certificate in ${us.cert}`],
      ] as const) {
        await expect(cipherBy(tls)).rejects.toMatchObject({
          code: "config",
          message: expect.stringContaining(says),
          todo: expect.stringContaining("in the server URL"),
        });
      }
    });
  });

  describe("accounts and servers that insist on TLS, and servers without", () => {
    test("an account with REQUIRE SSL is refused without TLS, and the advice says so", async () => {
      const { user, password } = await server.account("secure", "SELECT ON *.*");
      await root.run("ALTER USER secure@'127.0.0.1' REQUIRE SSL");
      await expect(cipherBy({}, { user, password })).rejects.toMatchObject({
        code: "access",
        todo: expect.stringContaining("(REQUIRE SSL), set tls=required"),
      });
      expect(await cipherBy({ mode: "preferred" }, { user, password })).not.toBe("");
    });

    test("a server that lets nobody in without TLS is told from a wrong password", async () => {
      await root.run("SET GLOBAL require_secure_transport = ON");
      try {
        await expect(cipherBy({})).rejects.toMatchObject({
          code: "access",
          message: expect.stringContaining("lets nobody in without TLS"),
          todo: expect.stringContaining("tls=verify-identity"),
        });
        expect(await cipherBy({ mode: "required" })).not.toBe("");
      } finally {
        await root.run("SET GLOBAL require_secure_transport = OFF");
      }
    });

    test("a server without TLS: preferred goes without, required does not", async () => {
      await using plain = await startOwnServer("plain", ["--tls-version="]);
      const open = async (mode: Tls["mode"]): Promise<string> =>
        cipherBy({ mode, ca: mode === "verify-ca" ? ours.ca : null }, { port: plain.address.port });
      expect(await open("preferred")).toBe("");
      for (const mode of ["required", "verify-ca"] as const) {
        await expect(open(mode)).rejects.toMatchObject({
          code: "access",
          message: expect.stringContaining(`offers no TLS, and tls=${mode} does not go without`),
          todo: expect.stringContaining("ssl_cert"),
        });
      }
    });
  });

  test("caching_sha2_password: a login the server has not seen before, over TLS and by the server's public key", async () => {
    const { user, password } = await server.account("hashed", "SELECT ON *.*");
    const [account] = await root.query("SELECT plugin FROM mysql.user WHERE User = 'hashed'");
    expect(account).toEqual({ plugin: "caching_sha2_password" });
    for (const mode of ["disabled", "required"] as const) {
      await root.run("FLUSH PRIVILEGES"); // empties the cache of password digests
      const wrong = { user, password: `${password}!` };
      await expect(cipherBy({ mode }, wrong)).rejects.toMatchObject({ code: "access", context: { errno: 1045 } });
      expect((await cipherBy({ mode }, { user, password })) !== "").toBe(mode === "required");
      // Once more, by the digest that the server has now.
      expect((await cipherBy({ mode }, { user, password })) !== "").toBe(mode === "required");
    }
  });
});
