import { X509Certificate } from "node:crypto";
import { chown, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { freePorts } from "../../src/sandbox/ports.ts";
import { startServer, stopServer, waitForServer } from "../../src/sandbox/server-process.ts";
import { unprivilegedUser } from "../../src/sandbox/unprivileged.ts";
import { findVitess } from "../../src/sandbox/vitess-binaries.ts";
import { vtctldCommand } from "../../src/sandbox/vtctld-command.ts";

/** A vtctld of a test's own on the sandbox's topology, to be asked for a login, over TLS, or ended. */
export interface OwnVtctld extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Files of the certificates it knows; the name in its own is `serverName`. */
  readonly files: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly serverName: string;
  /** Where else a test may keep files. */
  readonly directory: string;
}

export interface OwnVtctldOptions {
  readonly login?: { readonly user: string; readonly password: string };
  /** `server`: it shows a certificate; `mutual`: it wants one as well. */
  readonly tls?: "server" | "mutual";
}

/** Starts it, as an unprivileged user where we are root; ended and removed when disposed of. */
export async function ownVtctld({ login, tls }: OwnVtctldOptions = {}): Promise<OwnVtctld> {
  const { binaries } = await findVitess();
  if (binaries === null) throw new Error("no Vitess binaries");
  const server = inject("vtgate").vtctld ?? "";
  const cell = JSON.parse(await vtctldCommand({ vtctldclient: binaries.vtctldclient, server }, "GetCellInfo", "zone1"));
  const [web = 0, grpc = 0] = await freePorts(2);
  const runAs = await unprivilegedUser();
  const directory = await mkdtemp(join(tmpdir(), "vtpipe-own-vtctld-"));
  const give = (path: string) => (runAs === null ? undefined : chown(path, runAs.uid, runAs.gid));
  await give(directory);
  const files = await certificates(directory, give);
  const logins = join(directory, "logins.json");
  await writeFile(logins, JSON.stringify([{ Username: login?.user, Password: login?.password }]), { mode: 0o600 });
  await give(logins);
  const process = await startServer({
    name: "vtctld of a test",
    log: join(directory, "vtctld.log"),
    command: [
      ...[binaries.vtctld, "--topo-implementation=etcd2", `--topo-global-server-address=${cell.server_address}`],
      ...["--topo-global-root=/vitess/global", "--cell=zone1", "--service-map=grpc-vtctl,grpc-vtctld"],
      ...["--bind-address=127.0.0.1", `--port=${web}`, "--grpc-bind-address=127.0.0.1", `--grpc-port=${grpc}`],
      ...(login ? ["--grpc-auth-mode=static", `--grpc-auth-static-password-file=${logins}`] : []),
      ...(tls ? [`--grpc-cert=${files.serverCert}`, `--grpc-key=${files.serverKey}`] : []),
      ...(tls === "mutual" ? [`--grpc-ca=${files.ca}`] : []),
    ],
    env: { VTDATAROOT: directory, TMPDIR: directory },
    ...(runAs === null ? {} : { as: runAs }),
  });
  const dispose = async () => {
    await stopServer(process, 10);
    await rm(directory, { recursive: true, force: true });
  };
  const address = `127.0.0.1:${grpc}`;
  const serverName = await commonName(files.serverCert);
  try {
    await waitForServer(process, 60, async () => (await fetch(`http://127.0.0.1:${web}/debug/health`)).ok);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    address,
    files: { ca: files.ca, cert: files.clientCert, key: files.clientKey },
    serverName,
    directory,
    [Symbol.asyncDispose]: dispose,
  };
}

/** Every mysqld makes itself an authority and two certificates at its first start; those of the source will do. */
async function certificates(directory: string, give: (path: string) => Promise<void> | undefined) {
  const from = join(inject("sandbox"), "source");
  const names = ["ca.pem", "server-cert.pem", "server-key.pem", "client-cert.pem", "client-key.pem"];
  for (const name of names) {
    await copyFile(join(from, name), join(directory, name));
    await give(join(directory, name));
  }
  const [ca = "", serverCert = "", serverKey = "", clientCert = "", clientKey = ""] = names.map((name) =>
    join(directory, name),
  );
  return { ca, serverCert, serverKey, clientCert, clientKey };
}

async function commonName(certificate: string): Promise<string> {
  const { subject } = new X509Certificate(await readFile(certificate));
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? "";
}
