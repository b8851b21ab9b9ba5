import type { RowDataPacket } from "mysql2";
import { connect } from "./connect.ts";
import { cutConnection } from "./mysql2-internals.ts";
import type { ServerAddress } from "./server-url.ts";

/**
 * Asks a server one thing over a connection of its own, because the one that it is about is busy or silent. Rejects when there is
 * no answer `timeoutMs` after the login, which may take as long again.
 */
export async function askAside(address: ServerAddress, sql: string, timeoutMs: number): Promise<RowDataPacket[]> {
  const connection = await connect(address, timeoutMs, undefined);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<RowDataPacket[]>((resolve, reject) => {
      timer = setTimeout(reject, timeoutMs, new Error(`no answer within ${timeoutMs} ms`));
      connection.on("error", reject);
      connection.query<RowDataPacket[]>(sql, (error, rows) => (error === null ? resolve(rows) : reject(error)));
    });
  } finally {
    clearTimeout(timer);
    cutConnection(connection);
  }
}
