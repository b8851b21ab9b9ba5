import { createServer, type Server, type Socket } from "node:net";
import { serveClient } from "./client.ts";
import type { RouterServices } from "./commands.ts";
import type { RouterConfig } from "./config.ts";
import { type Keyspace, keyspaceOf } from "./keyspace.ts";
import { errorPayload, frame } from "./protocol/packets.ts";
import { SqlError } from "./refusal.ts";
import { ask, type Session } from "./session.ts";
import { openUpstream } from "./upstream.ts";

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
  const sessions = new Map<number, { session: Session; socket: Socket }>();
  let lastConnectionId = 0;
  const account = config.user === null ? null : { user: config.user, password: config.password ?? "" };

  const services: RouterServices = {
    startedAt: new Date(),
    async kill(connectionId, what) {
      const found = sessions.get(connectionId);
      if (found === undefined) throw new SqlError(1094, "HY000", `Unknown thread id: ${connectionId}`);
      if (what === "connection") found.socket.destroy();
      else await killQueries(found.session);
    },
  };

  const server = createServer((socket) => {
    const connectionId = ++lastConnectionId;
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      sessions.delete(connectionId);
    });
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
      services,
      onSession: (session) => sessions.set(connectionId, { session, socket }),
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

/** KILL QUERY on every shard the client has a session on, through a session of its own. */
async function killQueries(session: Session): Promise<void> {
  for (const { shard, threadId } of session.upstreams.values()) {
    const found = session.keyspace().shards.find((candidate) => candidate.config.name === shard);
    if (found === undefined) continue;
    const killer = await openUpstream(found.config, 0);
    try {
      await ask(killer, `KILL QUERY ${threadId}`);
    } finally {
      killer.destroy();
    }
  }
}
