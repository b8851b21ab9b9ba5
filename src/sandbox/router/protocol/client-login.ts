import { randomBytes, timingSafeEqual } from "node:crypto";
import { readLength, readZeroEnded } from "./bytes.ts";
import { advertisedCapabilities, capability, connectionCollation, serverStatus } from "./capabilities.ts";
import { type AuthPlugin, scramble } from "./scramble.ts";

/** Names this server for what it is wherever a client looks for a version. */
export const serverVersion = "8.4.0-vtpipe-stand-in";

/** 20 bytes without zeros or `$`, which some clients take for an end. */
export function newNonce(): Buffer {
  return Buffer.from(randomBytes(20).map((byte) => 0x41 + (byte % 50)));
}

export function greeting(connectionId: number, nonce: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = 0x0a;
  const id = Buffer.alloc(4);
  id.writeUInt32LE(connectionId);
  const middle = Buffer.alloc(19);
  middle.writeUInt16LE(advertisedCapabilities & 0xffff, 1);
  middle[3] = connectionCollation;
  middle.writeUInt16LE(serverStatus.autocommit, 4);
  middle.writeUInt16LE(advertisedCapabilities >>> 16, 6);
  middle[8] = nonce.length + 1;
  return Buffer.concat([
    head.subarray(0, 1),
    Buffer.from(`${serverVersion}\0`),
    id,
    nonce.subarray(0, 8),
    middle,
    nonce.subarray(8),
    Buffer.from("\0caching_sha2_password\0"),
  ]);
}

export interface LoginRequest {
  readonly capabilities: number;
  readonly user: string;
  readonly token: Buffer;
  readonly database: string;
  readonly plugin: string;
}

/** Reads a client's handshake response; null when it is not one this server can talk to. */
export function readLoginRequest(payload: Buffer): LoginRequest | null {
  if (payload.length < 33) return null;
  const capabilities = payload.readUInt32LE(0);
  if ((capabilities & capability.protocol41) === 0 || (capabilities & capability.secureConnection) === 0) return null;
  const user = readZeroEnded(payload, 32);
  const long = (capabilities & capability.lengthEncodedAuth) !== 0;
  const size = long ? readLength(payload, user.end) : { value: payload[user.end] ?? 0, end: user.end + 1 };
  let at = size.end + size.value;
  const token = payload.subarray(size.end, at);
  let database = "";
  if (capabilities & capability.connectWithDatabase) {
    const read = readZeroEnded(payload, at);
    database = read.text;
    at = read.end;
  }
  const plugin = capabilities & capability.pluginAuth ? readZeroEnded(payload, at).text : "mysql_native_password";
  return { capabilities: capabilities & advertisedCapabilities, user: user.text, token, database, plugin };
}

export function knownPlugin(name: string): AuthPlugin | null {
  return name === "caching_sha2_password" || name === "mysql_native_password" ? name : null;
}

export function tokenMatches(plugin: AuthPlugin, password: string, nonce: Buffer, token: Buffer): boolean {
  const expected = scramble(plugin, password, nonce);
  // caching_sha2_password clients send one zero byte for an empty password.
  const given = token.length === 1 && token[0] === 0 ? Buffer.alloc(0) : token;
  return expected.length === given.length && timingSafeEqual(expected, given);
}
