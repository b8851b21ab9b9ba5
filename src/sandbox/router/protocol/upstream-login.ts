import { constants, publicEncrypt } from "node:crypto";
import type { Socket } from "node:net";
import { readZeroEnded, writeLength } from "./bytes.ts";
import { connectionCollation, upstreamCapabilities } from "./capabilities.ts";
import { frame, readError } from "./packets.ts";
import { type AuthPlugin, maskedPassword, scramble } from "./scramble.ts";

export interface Account {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

interface Packet {
  readonly sequence: number;
  readonly payload: Buffer;
}

/**
 * Logs in to a shard's mysqld with the client's capabilities and leaves the socket at the start of the command phase.
 * Own code rather than a driver's, because no driver lets its capabilities be chosen one by one and then gives the
 * socket away. Returns the server's connection id.
 */
export async function logIn(socket: Socket, account: Account, clientCapabilities: number): Promise<number> {
  const packets = packetsOf(socket);
  try {
    const greeting = await packets.next();
    if (greeting.payload[0] === 0xff) throw new Error(readError(greeting.payload).message);
    const { threadId, nonce, plugin } = readGreeting(greeting.payload);
    socket.write(frame([response(account, clientCapabilities, plugin, nonce)], greeting.sequence + 1));
    await authenticate(socket, packets.next, account.password, nonce, plugin);
    return threadId;
  } finally {
    packets.stop();
  }
}

function pluginOf(name: string): AuthPlugin {
  if (name === "caching_sha2_password" || name === "mysql_native_password") return name;
  throw new Error(`the server asks for the login method ${name}`);
}

function readGreeting(bytes: Buffer): { threadId: number; nonce: Buffer; plugin: AuthPlugin } {
  const version = readZeroEnded(bytes, 1);
  const threadId = bytes.readUInt32LE(version.end);
  const first = bytes.subarray(version.end + 4, version.end + 12);
  const second = bytes.subarray(version.end + 31, version.end + 43);
  const name = readZeroEnded(bytes, version.end + 44).text;
  return { threadId, nonce: Buffer.concat([first, second]), plugin: pluginOf(name) };
}

function response(account: Account, clientCapabilities: number, plugin: AuthPlugin, nonce: Buffer): Buffer {
  const fixed = Buffer.alloc(32);
  fixed.writeUInt32LE(upstreamCapabilities(clientCapabilities), 0);
  fixed.writeUInt32LE(0x40000000, 4);
  fixed[8] = connectionCollation;
  const token = scramble(plugin, account.password, nonce);
  const texts = Buffer.from(`${account.user}\0`);
  const tail = Buffer.from(`${account.database}\0${plugin}\0`);
  return Buffer.concat([fixed, texts, writeLength(token.length), token, tail]);
}

async function authenticate(
  socket: Socket,
  next: () => Promise<Packet>,
  password: string,
  greetingNonce: Buffer,
  greetingPlugin: AuthPlugin,
): Promise<void> {
  let nonce = greetingNonce;
  let plugin = greetingPlugin;
  // Longest honest exchange: switch, more data, key, OK.
  for (let turn = 0; turn < 6; turn++) {
    const { payload, sequence } = await next();
    if (payload[0] === 0x00) return;
    if (payload[0] === 0xff) throw new Error(readError(payload).message);
    if (payload[0] === 0xfe) {
      const name = readZeroEnded(payload, 1);
      plugin = pluginOf(name.text);
      nonce = payload.subarray(name.end, name.end + 20);
      socket.write(frame([scramble(plugin, password, nonce)], sequence + 1));
    } else if (payload[0] === 0x01 && payload[1] === 0x04) {
      socket.write(frame([Buffer.from([0x02])], sequence + 1));
    } else if (payload[0] === 0x01 && payload[1] !== 0x03) {
      const key = { key: payload.toString("latin1", 1), padding: constants.RSA_PKCS1_OAEP_PADDING };
      socket.write(frame([publicEncrypt(key, maskedPassword(password, nonce))], sequence + 1));
    }
  }
  throw new Error("the login did not end");
}

/** Whole packets of the login phase, one at a time; they are all small. */
function packetsOf(socket: Socket): { next: () => Promise<Packet>; stop: () => void } {
  let buffered: Buffer = Buffer.alloc(0);
  let wake: (() => void) | null = null;
  let failure: Error | null = null;
  const onData = (chunk: Buffer): void => {
    buffered = Buffer.concat([buffered, chunk]);
    wake?.();
  };
  const onEnd = (error?: unknown): void => {
    failure = error instanceof Error ? error : new Error("the connection was closed");
    wake?.();
  };
  socket.on("data", onData).on("error", onEnd).on("close", onEnd);

  async function next(): Promise<Packet> {
    for (;;) {
      const size = buffered.length >= 4 ? buffered.readUIntLE(0, 3) : null;
      if (size !== null && buffered.length >= 4 + size) {
        const packet = { sequence: buffered[3] ?? 0, payload: buffered.subarray(4, 4 + size) };
        buffered = buffered.subarray(4 + size);
        return packet;
      }
      if (failure !== null) throw failure;
      if (buffered.length > 65_536) throw new Error("the server's login packet is too long");
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  function stop(): void {
    socket.off("data", onData).off("error", onEnd).off("close", onEnd);
  }
  return { next, stop };
}
