import { setTimeout } from "node:timers/promises";
import { connect } from "./connect.ts";
import { cutConnection } from "./mysql2-internals.ts";
import type { ServerAddress } from "./server-url.ts";

async function killQuery(address: ServerAddress, id: number, timeoutMs: number): Promise<boolean> {
  const connection = await connect(address, timeoutMs, undefined).catch(() => null);
  if (connection === null) return false;
  connection.on("error", () => {});
  try {
    return await new Promise<boolean>((resolve) => {
      connection.query(`KILL QUERY ${id}`, (error) => resolve(error === null));
    });
  } finally {
    cutConnection(connection);
  }
}

/**
 * Ends the query that connection `id` is running, over a connection of its own (everybody may kill their own queries).
 * True when `over`, the end of the result, then came within `timeoutMs`.
 */
export async function endQuery(
  address: ServerAddress,
  id: number,
  over: Promise<void>,
  timeoutMs: number,
): Promise<boolean> {
  const inTime = killQuery(address, id, timeoutMs).then(async (killed) => {
    if (killed) await over;
    return killed;
  });
  return await Promise.race([inTime, setTimeout(timeoutMs, false, { ref: false })]);
}
