import { type Connection, type ConnectionOptions, createConnection } from "mysql2";
import { checkEncrypted, cutConnection, refuseDisorder } from "./mysql2-internals.ts";
import { KEEP_ALIVE_MS, openReadSocket } from "./read-socket.ts";
import { connectError, type ServerFault } from "./server-errors.ts";
import type { ServerAddress } from "./server-url.ts";
import { tlsOptions, wrongIdentity } from "./tls.ts";

/** Ten seconds: three TCP handshake retransmissions (1 + 2 + 4 s) fit. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/**
 * Flags of mysql2 we turn off. FOUND_ROWS: affected rows shall be rows changed. LOCAL_FILES: the server must not be able
 * to ask for our files. ODBC, IGNORE_SPACE: they change how SQL is parsed. CLIENT_QUERY_ATTRIBUTES: our own COM_QUERY is
 * then just the text.
 */
const flags = ["-FOUND_ROWS", "-LOCAL_FILES", "-ODBC", "-IGNORE_SPACE", "-CLIENT_QUERY_ATTRIBUTES"];

function attempt(
  address: ServerAddress,
  options: ConnectionOptions,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(options);
    refuseDisorder(connection);
    if (options.ssl !== undefined) checkEncrypted(connection, (socket) => wrongIdentity(address, socket));
    function end(): void {
      connection.removeListener("error", failed);
      connection.removeListener("connect", connected);
      signal?.removeEventListener("abort", aborted);
    }
    function failed(error: Error): void {
      end();
      connection.on("error", () => {});
      cutConnection(connection);
      reject(error);
    }
    function aborted(): void {
      failed(signal?.reason as Error);
    }
    function connected(): void {
      // The same read may hold one more packet, which answers nothing and breaks the connection: it is still an attempt then.
      setImmediate(() => {
        end();
        resolve(connection);
      });
    }
    connection.on("error", failed);
    connection.on("connect", connected);
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/**
 * Opens and logs in one connection; TLS as the address says, with a plain second try only under `preferred`. One that many
 * rows are read over has a socket made for that, unless it speaks TLS.
 */
export async function connect(
  address: ServerAddress,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  readsRows = false,
): Promise<Connection> {
  signal?.throwIfAborted();
  const common: ConnectionOptions = {
    ...(address.socketPath === null ? { host: address.host, port: address.port } : { socketPath: address.socketPath }),
    user: address.user,
    ...(address.password === null ? {} : { password: address.password }),
    ...(address.database === "" ? {} : { database: address.database }),
    connectTimeout: timeoutMs,
    enableKeepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    charset: "UTF8MB4_GENERAL_CI",
    flags,
    multipleStatements: false,
    // Statements come complete: mysql2 would search every one for placeholders, a tenth of the CPU of a load by VALUES.
    queryFormat: (sql: string) => sql,
    compress: false,
    connectAttributes: { program_name: "vtpipe" },
  };
  const plain = readsRows ? { ...common, stream: () => openReadSocket(address) } : common;
  const ssl = await tlsOptions(address.tls);
  try {
    return await attempt(address, ssl === null ? plain : { ...common, ssl }, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (address.tls.mode !== "preferred" || (error as ServerFault).code !== "HANDSHAKE_NO_SSL_SUPPORT") {
      throw connectError(address, error as ServerFault);
    }
  }
  try {
    return await attempt(address, plain, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw connectError(address, error as ServerFault);
  }
}
