import type { Socket } from "node:net";
import { createCommandRunner, useTarget } from "./commands.ts";
import type { Keyspace } from "./keyspace.ts";
import { greeting, knownPlugin, newNonce, readLoginRequest, tokenMatches } from "./protocol/client-login.ts";
import { type Command, createCommandReader } from "./protocol/command-reader.ts";
import { errorPayload, frame, okPayload } from "./protocol/packets.ts";
import { SqlError } from "./refusal.ts";
import { BrokenAnswer, type ClientOutput } from "./relay.ts";
import { dropUpstreams, type Session } from "./session.ts";

const loginMsMax = 10_000;

export interface ClientOptions {
  readonly socket: Socket;
  readonly connectionId: number;
  readonly keyspace: () => Keyspace;
  /** null: anybody. */
  readonly account: { readonly user: string; readonly password: string } | null;
  readonly startedAt: Date;
}

/** Serves one client until it leaves or is thrown out; never rejects. */
export async function serveClient(options: ClientOptions): Promise<void> {
  const { socket } = options;
  socket.setNoDelay(true);
  const input = commandsOf(socket);
  const output = outputOf(socket);
  let session: Session | null = null;
  const timer = setTimeout(() => socket.destroy(), loginMsMax);
  socket.once("close", () => {
    if (session !== null) {
      session.closed = true;
      dropUpstreams(session);
    }
  });
  try {
    session = await logInClient(options, input, output);
    clearTimeout(timer);
    if (session === null) return;
    const runner = createCommandRunner(session, options.startedAt, output);
    for (let command = await input(); command !== null; command = await input()) {
      if (!(await answered(runner.run(command), command, output))) break;
    }
  } catch {
    // Only a broken answer or a socket that is gone gets here, and neither can be told to the client any more.
  } finally {
    clearTimeout(timer);
    socket.end();
    socket.destroySoon();
    if (session !== null) {
      session.closed = true;
      dropUpstreams(session);
    }
  }
}

/** Turns a command's failure into an error packet; false when the connection has to end. */
async function answered(run: Promise<boolean>, command: Command, output: ClientOutput): Promise<boolean> {
  try {
    return await run;
  } catch (error) {
    if (error instanceof BrokenAnswer) throw error;
    const known = error instanceof SqlError ? error : null;
    const message = error instanceof Error ? error.message : String(error);
    const { errno, sqlState } = known ?? { errno: 1105, sqlState: "HY000" };
    const text = known === null ? `vtpipe stand-in router: ${message}` : message;
    const silent = command.payload?.[0] === 0x18 || command.payload?.[0] === 0x19;
    if (!silent) await output.write(frame([errorPayload(errno, sqlState, text)], command.sequence));
    // 2013: the shard's session is gone with all that it held; a new connection starts clean.
    return errno !== 2013;
  }
}

async function logInClient(
  { connectionId, keyspace, account }: ClientOptions,
  input: () => Promise<Command | null>,
  output: ClientOutput,
): Promise<Session | null> {
  const nonce = newNonce();
  await output.write(frame([greeting(connectionId, nonce)], 0));
  const hello = await input();
  const request = hello?.payload ? readLoginRequest(hello.payload) : null;
  if (hello === null || request === null) return null;
  let { token } = request;
  let { sequence } = hello;
  let plugin = knownPlugin(request.plugin);
  if (plugin === null) {
    const ask = Buffer.concat([Buffer.from("\xfecaching_sha2_password\0", "latin1"), nonce, Buffer.from([0])]);
    await output.write(frame([ask], sequence));
    const reply = await input();
    if (reply?.payload === undefined || reply.payload === null) return null;
    token = reply.payload;
    sequence = reply.sequence;
    plugin = "caching_sha2_password";
  }
  const welcome =
    account === null || (request.user === account.user && tokenMatches(plugin, account.password, nonce, token));
  if (!welcome) {
    const given = token.length > 0 ? "YES" : "NO";
    const message = `Access denied for user '${request.user}' (using password: ${given})`;
    await output.write(frame([errorPayload(1045, "28000", message)], sequence));
    return null;
  }
  const session = newSession(connectionId, request.capabilities, keyspace);
  if (request.database !== "") {
    try {
      useTarget(session, request.database);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      await output.write(frame([errorPayload(error.errno, error.sqlState, error.message)], sequence));
      return null;
    }
  }
  const answer = [okPayload({ affectedRows: 0, lastInsertId: 0, status: 2 })];
  // A caching_sha2_password client that sent a token waits for the word that the fast way was enough.
  if (plugin === "caching_sha2_password" && token.length > 1) answer.unshift(Buffer.from([0x01, 0x03]));
  await output.write(frame(answer, sequence));
  return session;
}

function newSession(connectionId: number, capabilities: number, keyspace: () => Keyspace): Session {
  return {
    connectionId,
    capabilities,
    keyspace,
    target: null,
    workload: "oltp",
    lastInsertId: 0,
    settings: new Map(),
    upstreams: new Map(),
    transaction: null,
    autocommit: true,
    closed: false,
  };
}

function outputOf(socket: Socket): ClientOutput {
  return {
    write(bytes) {
      if (socket.destroyed) return Promise.reject(new Error("the client has left"));
      if (socket.write(bytes)) return undefined;
      return new Promise((resolve, reject) => {
        const settle = (): void => {
          socket.off("drain", settle).off("close", settle);
          if (socket.destroyed) reject(new Error("the client has left"));
          else resolve();
        };
        socket.on("drain", settle).on("close", settle);
      });
    },
  };
}

/** Bytes a client may send ahead of the answers; far more than a polite client ever does. */
const readAheadBytesMax = 1 << 20;

/**
 * The client's commands one at a time. The socket is read on while one is worked on, so a client that leaves is noticed,
 * but only so far. null: the client has left.
 */
function commandsOf(socket: Socket): () => Promise<Command | null> {
  const reader = createCommandReader();
  let wake: (() => void) | null = null;
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    reader.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
    if (reader.waitingBytes() > readAheadBytesMax) socket.pause();
    wake?.();
  });
  socket.on("end", () => wake?.()).on("close", () => wake?.());
  return async () => {
    for (;;) {
      const command = reader.take();
      if (command !== null) return command;
      if (socket.destroyed || socket.readableEnded) return null;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      socket.resume();
      await woken;
    }
  };
}
