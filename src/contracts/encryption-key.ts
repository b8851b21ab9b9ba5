/** A key of 32 bytes as people write it: 64 hex digits, or base64 with or without its `=`. */
export const encryptionKeyPattern: RegExp = /^(?:[0-9A-Fa-f]{64}|[A-Za-z0-9+/]{43}=?)$/;

/** What messages call such a text, and how to come by one. */
export const encryptionKeyExpected =
  "32 bytes as base64 or as 64 hex digits, which `openssl rand -base64 32` makes; a passphrase is none";

/** The bytes of a text that fits {@link encryptionKeyPattern}. */
export function encryptionKeyBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, text.length === 64 ? "hex" : "base64"));
}
