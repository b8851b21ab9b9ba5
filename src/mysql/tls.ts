import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { checkServerIdentity, type TLSSocket } from "node:tls";
import type { SslOptions } from "mysql2";
import { VtpipeError } from "../contracts/errors.ts";
import type { ServerAddress, Tls } from "./server-url.ts";

/**
 * What mysql2 is told about TLS; null: nothing is encrypted. The files are read and looked at first, so that a wrong one is named
 * and no server has heard of us yet.
 */
export async function tlsOptions({ mode, ...files }: Tls): Promise<SslOptions | null> {
  if (mode === "disabled") return null;
  const [ca, cert, key] = await Promise.all([pem("ca", files.ca), pem("cert", files.cert), pem("key", files.key)]);
  if (ca !== null) certificateOf(ca);
  if (cert !== null && key !== null) checkPair(cert, key);
  return {
    rejectUnauthorized: mode === "verify-ca" || mode === "verify-identity",
    // Ours, see wrongIdentity: mysql2 takes a server that goes by its IP address for "localhost".
    verifyIdentity: false,
    minVersion: "TLSv1.2",
    ...(ca === null ? {} : { ca: ca.text }),
    ...(cert === null ? {} : { cert: cert.text }),
    ...(key === null ? {} : { key: key.text }),
  };
}

/** Under `verify-identity`: is the server's certificate, whose signatures were checked, for another host than ours? */
export function wrongIdentity({ host, tls }: ServerAddress, socket: TLSSocket): Error | undefined {
  if (tls.mode !== "verify-identity") return undefined;
  return checkServerIdentity(host, socket.getPeerCertificate());
}

interface PemFile {
  readonly option: "ca" | "cert" | "key";
  readonly path: string;
  readonly text: string;
}

async function pem(option: PemFile["option"], path: string | null): Promise<PemFile | null> {
  if (path === null) return null;
  try {
    return { option, path, text: await readFile(path, "utf8") };
  } catch (cause) {
    throw unusable({ option, path }, `cannot be read: ${(cause as Error).message}`, cause);
  }
}

function certificateOf(file: PemFile): X509Certificate {
  try {
    return new X509Certificate(file.text);
  } catch (cause) {
    throw unusable(file, "holds no certificate in PEM form.", cause);
  }
}

function checkPair(cert: PemFile, key: PemFile): void {
  if (certificateOf(cert).checkPrivateKey(keyOf(key))) return;
  throw unusable(key, `does not belong to the certificate in ${cert.path}.`);
}

function keyOf(file: PemFile): KeyObject {
  try {
    return createPrivateKey(file.text);
  } catch (cause) {
    const locked = (cause as NodeJS.ErrnoException).code === "ERR_MISSING_PASSPHRASE";
    throw unusable(file, locked ? "is encrypted; vtpipe asks for no passphrase." : "holds no key in PEM form.", cause);
  }
}

const called = { ca: "certificate authority", cert: "client certificate", key: "client key" } as const;

function unusable({ option, path }: Omit<PemFile, "text">, why: string, cause?: unknown): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `The ${called[option]} file ${path} ${why}`,
    now: "Nothing was read or changed.",
    todo: `Give a readable PEM file as ${option}=FILE in the server URL; relative names start from the config file's folder.`,
    cause,
  });
}
