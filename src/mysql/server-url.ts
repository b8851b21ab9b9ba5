import { VtpipeError } from "../contracts/errors.ts";

/**
 * How a connection is encrypted, by the mysql client's own names: `disabled`; `preferred` (encrypted when the server can);
 * `required` (always encrypted); `verify-ca` (and the server's certificate is signed by an authority we trust);
 * `verify-identity` (and it is issued for the host in the URL).
 */
export type TlsMode = "disabled" | "preferred" | "required" | "verify-ca" | "verify-identity";

export interface Tls {
  readonly mode: TlsMode;
  /** File with the authorities to trust, only where the mode verifies; null: those of Node. */
  readonly ca: string | null;
  /** Files with our own certificate and its key, for accounts that have to show one; both or neither. */
  readonly cert: string | null;
  readonly key: string | null;
}

export const noTls: Tls = { mode: "disabled", ca: null, cert: null, key: null };

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
  readonly tls: Tls;
  /** Seconds without a byte of a due answer after which it is asked whether the connection still lives; default 60. */
  readonly silenceSeconds?: number;
}

const tlsModes: readonly TlsMode[] = ["disabled", "preferred", "required", "verify-ca", "verify-identity"];
const optionNames: readonly string[] = ["tls", "ca", "cert", "key", "socket"];
const defaultPorts = { mysql: 3306, vtgate: 15_306 } as const;

function refuse(what: string): never {
  throw new VtpipeError({
    code: "config",
    message: `The server URL is not usable: ${what}.`,
    now: "Nothing was changed.",
    todo: "Write it as mysql://user@host:3306/database or vtgate://user@host:15306/keyspace, special characters as %XX; options: ?tls=disabled|preferred|required|verify-ca|verify-identity&ca=FILE&cert=FILE&key=FILE&socket=FILE.",
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

/** Each option once; a + is a plus, as in any file's name. */
function optionsOf(search: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const option of search.slice(1).split("&")) {
    if (option === "") continue;
    const [name = "", ...value] = option.split("=");
    if (!optionNames.includes(name)) refuse(`it has an unknown option "${name}"`);
    if (options.has(name)) refuse(`it has ${name} twice`);
    options.set(name, decode(value.join("="), name));
  }
  return options;
}

/** As with the mysql client a `ca` alone means `verify-ca`; a certificate of our own is never shown in the clear. */
function tlsOf(options: ReadonlyMap<string, string>, local: boolean): Tls {
  const [ca, cert, key] = [options.get("ca") ?? null, options.get("cert") ?? null, options.get("key") ?? null];
  const usual = ca !== null ? "verify-ca" : cert !== null ? "required" : local ? "disabled" : "preferred";
  const given = options.get("tls") ?? usual;
  const mode = tlsModes.find((known) => known === given) ?? refuse(`its tls is "${given}"`);
  if ((cert === null) !== (key === null)) refuse("cert and key go together, and it has only one of them");
  if (ca !== null && !mode.startsWith("verify-")) {
    refuse(`it has a ca, but tls=${mode} checks no certificate: verify-ca and verify-identity do`);
  }
  if (cert !== null && mode === "disabled") refuse("it has a client certificate, but tls=disabled shows none");
  return { mode, ca, cert, key };
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
  const options = optionsOf(parsed.search);
  const socketPath = options.get("socket") ?? null;
  const host = decode(parsed.hostname.replace(/^\[(.*)\]$/, "$1"), "host");
  if (host === "" && socketPath === null) refuse("it names no host");
  return {
    scheme,
    host: host === "" ? "localhost" : host,
    port: parsed.port === "" ? defaultPorts[scheme] : Number(parsed.port),
    socketPath,
    user: decode(parsed.username, "user"),
    password: parsed.password === "" ? null : decode(parsed.password, "password"),
    database: decode(parsed.pathname.slice(1), "database"),
    tls: tlsOf(options, socketPath !== null || isLocal(host)),
  };
}
