import { createServer, type Server, type Socket } from "node:net";
import { serveClient } from "./client.ts";
import type { RouterConfig } from "./config.ts";
import { type Keyspace, keyspaceOf } from "./keyspace.ts";
import { errorPayload, frame } from "./protocol/packets.ts";

const connectionsMax = 1000;

export interface Router {
  readonly port: number;
  /** Takes another VSchema from now on; throws and changes nothing when the configuration is bad. */
  reload(config: RouterConfig): void;
  /** Ends every connection, to clients and to shards. */
  close(): Promise<void>;
}

/**
 * A stand-in for vtgate where no Vitess is installed: speaks the MySQL protocol in front of the shards' own mysqld,
 * forwards what is sent to a named shard, routes or scatters what it can exactly, and refuses the rest by name.
 */
export async function startRouter(config: RouterConfig): Promise<Router> {
  let keyspace: Keyspace = keyspaceOf(config);
  const sockets = new Set<Socket>();
  let lastConnectionId = 0;
  const account = config.user === null ? null : { user: config.user, password: config.password ?? "" };

  const startedAt = new Date();

  const server = createServer((socket) => {
    const connectionId = ++lastConnectionId;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    if (sockets.size > connectionsMax) {
      socket.on("error", () => {});
      socket.end(frame([errorPayload(1040, "08004", "Too many connections")], 0));
      return;
    }
    void serveClient({
      socket,
      connectionId,
      keyspace: () => keyspace,
      account,
      startedAt,
    });
  });
  const port = await listen(server, config.host, config.port);

  return {
    port,
    reload(next) {
      const loaded = keyspaceOf(next);
      if (loaded.name !== keyspace.name) throw new Error("a reload cannot change the keyspace");
      keyspace = loaded;
    },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
