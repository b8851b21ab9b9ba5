import { VtpipeError } from "../contracts/errors.ts";

/**
 * How a connection is encrypted: `off`; `preferred` (encrypted when the server can, certificate not checked); `required`
 * (always encrypted, certificate not checked); `verify` (encrypted, certificate and host name checked).
 */
export type TlsMode = "off" | "preferred" | "required" | "verify";

/** Where a server is and who we are there. `password` is a secret: it goes to the server and nowhere else. */
export interface ServerAddress {
  readonly scheme: "mysql" | "vtgate";
  readonly host: string;
  readonly port: number;
  /** Unix socket, used instead of host and port when given. */
  readonly socketPath: string | null;
  readonly user: string;
  readonly password: string | null;
  /** Database, keyspace, or shard target such as `main:-80@primary`; empty for none. */
  readonly database: string;
  readonly tls: TlsMode;
  /** File with the certificate authorities to trust under `verify`; null: those of Node. */
  readonly tlsCa: string | null;
  /** Seconds without a byte of a due answer after which it is asked whether the connection still lives; default 60. */
  readonly silenceSeconds?: number;
}

const tlsModes: readonly string[] = ["off", "preferred", "required", "verify"] satisfies TlsMode[];
const defaultPorts = { mysql: 3306, vtgate: 15_306 } as const;

function refuse(what: string): never {
  throw new VtpipeError({
    code: "config",
    message: `The server URL is not usable: ${what}.`,
    now: "Nothing was changed.",
    todo: "Write it as mysql://user@host:3306/database or vtgate://user@host:15306/keyspace, special characters as %XX; options: ?tls=off|preferred|required|verify&ca=FILE&socket=FILE.",
  });
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(`its ${part} has a % that is not followed by two hex digits`);
  }
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

/** Understands `mysql://` and `vtgate://` URLs. Never repeats the URL in an error: it may hold a password. */
export function parseServerUrl(url: string): ServerAddress {
  const scheme = /^(mysql|vtgate):\/\//.exec(url)?.[1] as "mysql" | "vtgate" | undefined;
  if (scheme === undefined) refuse("it starts with neither mysql:// nor vtgate://");
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    refuse("it is no URL; is a special character in user or password not written as %XX?");
  }
  for (const name of parsed.searchParams.keys()) {
    if (!["tls", "ca", "socket"].includes(name)) refuse(`it has an unknown option "${name}"`);
  }
  const socketPath = parsed.searchParams.get("socket");
  const host = decode(parsed.hostname.replace(/^\[(.*)\]$/, "$1"), "host");
  if (host === "" && socketPath === null) refuse("it names no host");
  const database = decode(parsed.pathname.slice(1), "database");
  const tls = parsed.searchParams.get("tls") ?? (socketPath !== null || isLocal(host) ? "off" : "preferred");
  if (!tlsModes.includes(tls)) refuse(`its tls is "${tls}"`);
  return {
    scheme,
    host: host === "" ? "localhost" : host,
    port: parsed.port === "" ? defaultPorts[scheme] : Number(parsed.port),
    socketPath,
    user: decode(parsed.username, "user"),
    password: parsed.password === "" ? null : decode(parsed.password, "password"),
    database,
    tls: tls as TlsMode,
    tlsCa: parsed.searchParams.get("ca"),
  };
}
