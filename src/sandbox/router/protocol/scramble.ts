import { createHash } from "node:crypto";

const sha1 = (...parts: Uint8Array[]): Buffer => digest("sha1", parts);
const sha256 = (...parts: Uint8Array[]): Buffer => digest("sha256", parts);

function digest(algorithm: string, parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function xor(a: Buffer, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i % b.length] ?? 0)));
}

export type AuthPlugin = "caching_sha2_password" | "mysql_native_password";

/** What a client that knows `password` answers to a 20-byte nonce (both plugins are described in MySQL's protocol pages). */
export function scramble(plugin: AuthPlugin, password: string, nonce: Uint8Array): Buffer {
  if (password === "") return Buffer.alloc(0);
  if (plugin === "mysql_native_password") {
    const once = sha1(Buffer.from(password));
    return xor(once, sha1(nonce, sha1(once)));
  }
  const once = sha256(Buffer.from(password));
  return xor(once, sha256(sha256(once), nonce));
}

/** The password as it is encrypted to the server's RSA key: zero-ended and mixed with the nonce. */
export function maskedPassword(password: string, nonce: Uint8Array): Buffer {
  return xor(Buffer.from(`${password}\0`), nonce);
}
