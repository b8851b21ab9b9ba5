import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the kernel's range for outgoing connections (32768 and up, ip_local_port_range): a port from inside it can be
 * taken by any outgoing connection between our look and the server's start.
 */
const FIRST_PORT = 14_000;
const LAST_PORT = 32_000;
const MOST_TRIES = 500;

/** `count` different ports on 127.0.0.1 that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries === MOST_TRIES) throw new Error(`no ${count} free ports between ${FIRST_PORT} and ${LAST_PORT}`);
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
