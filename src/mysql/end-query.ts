import { setTimeout } from "node:timers/promises";
import { askAside } from "./ask-aside.ts";
import type { ServerAddress } from "./server-url.ts";

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
  const inTime = askAside(address, `KILL QUERY ${id}`, timeoutMs).then(
    async () => {
      await over;
      return true;
    },
    () => false,
  );
  return await Promise.race([inTime, setTimeout(timeoutMs, false, { ref: false })]);
}
