import { connect } from "node:net";
import type { ShardConfig } from "./config.ts";
import {
  type AnswerLimits,
  type AnswerShape,
  type AnswerTracker,
  noLimits,
  trackAnswer,
} from "./protocol/answer-tracker.ts";
import { capability } from "./protocol/capabilities.ts";
import { frame } from "./protocol/packets.ts";
import { logIn } from "./protocol/upstream-login.ts";
import { shardLost } from "./refusal.ts";

const loginMsMax = 10_000;

/** A session of one client on one shard's mysqld, at rest between commands. */
export interface Upstream {
  readonly shard: string;
  /** mysqld's own connection id, for KILL. */
  readonly threadId: number;
  readonly lost: boolean;
  readonly deprecateEof: boolean;
  /** Has the last answer left a transaction open? */
  readonly inTransaction: boolean;
  /**
   * Sends one command and hands its answer over chunk by chunk. `onChunk` returns a promise to hold the socket until it
   * settles (back-pressure). Rejects with {@link shardLost} when the server goes away before the answer is complete.
   */
  exchange(command: Uint8Array, shape: AnswerShape, onChunk: OnChunk, limits?: AnswerLimits): Promise<AnswerTracker>;
  /** Sends a command that has no answer (COM_STMT_CLOSE, COM_STMT_SEND_LONG_DATA). */
  send(command: Uint8Array): Promise<void>;
  destroy(): void;
}

export type OnChunk = (chunk: Buffer, tracker: AnswerTracker) => Promise<void> | undefined;

interface Waiting {
  readonly tracker: AnswerTracker;
  readonly onChunk: OnChunk;
  readonly resolve: (tracker: AnswerTracker) => void;
  readonly reject: (error: Error) => void;
}

export async function openUpstream(shard: ShardConfig, clientCapabilities: number): Promise<Upstream> {
  const socket = connect({ host: shard.host, port: shard.port, noDelay: true });
  const timer = setTimeout(() => socket.destroy(new Error("the login took too long")), loginMsMax);
  let threadId: number;
  try {
    threadId = await logIn(socket, shard, clientCapabilities);
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    throw shardLost(shard.name, error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }

  const deprecateEof = (clientCapabilities & capability.deprecateEof) !== 0;
  let waiting: Waiting | null = null;
  let failure: string | null = null;
  let inTransaction = false;

  function fail(why: string): void {
    failure ??= why;
    socket.destroy();
    waiting?.reject(shardLost(shard.name, failure));
    waiting = null;
  }

  function onData(chunk: Buffer): void {
    const current = waiting;
    if (current === null) {
      fail("the server spoke out of turn");
      return;
    }
    let done: boolean;
    try {
      done = current.tracker.feed(chunk);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
      return;
    }
    let held: Promise<void> | undefined;
    try {
      held = current.onChunk(chunk, current.tracker);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
      return;
    }
    if (done) {
      waiting = null;
      const { status } = current.tracker;
      if (status !== null) inTransaction = (status & 1) !== 0;
      const finish = (): void => current.resolve(current.tracker);
      if (held === undefined) finish();
      else
        held.then(finish, () => {
          fail("the client went away");
          current.reject(shardLost(shard.name, "the client went away"));
        });
    } else if (held !== undefined) {
      socket.pause();
      held.then(
        () => socket.resume(),
        () => fail("the client went away"),
      );
    }
  }

  socket
    .on("data", onData)
    .on("error", (error) => fail(error.message))
    .on("close", () => fail("the connection was closed"));
  socket.resume();

  return {
    shard: shard.name,
    threadId,
    deprecateEof,
    get lost() {
      return failure !== null;
    },
    get inTransaction() {
      return inTransaction;
    },
    exchange(command, shape, onChunk, limits = noLimits) {
      return new Promise((resolve, reject) => {
        if (failure !== null) return reject(shardLost(shard.name, failure));
        waiting = { tracker: trackAnswer(shape, deprecateEof, limits), onChunk, resolve, reject };
        socket.write(frame([command], 0));
      });
    },
    send(command) {
      return new Promise((resolve, reject) => {
        if (failure !== null) return reject(shardLost(shard.name, failure));
        if (socket.write(frame([command], 0))) return resolve();
        socket.once("drain", resolve);
        socket.once("close", resolve);
      });
    },
    destroy() {
      fail("the session was closed");
    },
  };
}
