import { askAside } from "./ask-aside.ts";
import type { ServerAddress } from "./server-url.ts";

/** What SHOW PROCESSLIST says of a thread. */
export interface ThreadLook {
  readonly Command?: string | null;
  readonly State?: string | null;
}

/**
 * Is a thread that owes us an answer at work on it? One that sleeps has given it or never got the statement, and one that waits
 * for its client waits in vain: we are listening. In either case the network lost something. Undefined: there is no such thread.
 */
export function isAtWork(thread: ThreadLook | undefined): boolean {
  if (thread === undefined || thread.Command === "Sleep") return false;
  return thread.State !== "Sending to client" && thread.State !== "Receiving from client";
}

/** Asks the server over a second connection (everybody sees their own threads). Rejects when it cannot be asked in time. */
export async function threadAtWork(address: ServerAddress, id: number, timeoutMs: number): Promise<boolean> {
  const threads = await askAside(address, "SHOW PROCESSLIST", timeoutMs);
  return isAtWork(threads.find((thread) => Number(thread["Id"]) === id) as ThreadLook | undefined);
}
