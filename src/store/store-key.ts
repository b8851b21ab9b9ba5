import { hkdfSync } from "node:crypto";
import { encryptionKeyBytes } from "../contracts/encryption-key.ts";
import { VtpipeError } from "../contracts/errors.ts";

/** The user's key of a run directory. Plain data, so that it crosses threads; it is never written down. */
export interface StoreKey {
  /** 16 hex digits that tell keys apart and nothing else about them; everything encrypted names its key by them. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

export const saltBytes = 32;
export const keyIdBytes = 8;

/** Of a text that fits `encryptionKeyPattern`. */
export function storeKey(text: string): StoreKey {
  const bytes = encryptionKeyBytes(text);
  return { id: derived(bytes, new Uint8Array(), "vtpipe key id").toString("hex", 0, keyIdBytes), bytes };
}

/**
 * The key that one file or text is encrypted with. No two have the same, so a nonce has to be new only within one, and
 * nothing that was moved from one to another is taken for its own.
 */
export function derivedKey({ bytes }: StoreKey, salt: Uint8Array, purpose: string): Buffer {
  return derived(bytes, salt, purpose);
}

/** HKDF-SHA-256 (RFC 5869). */
function derived(bytes: Uint8Array, salt: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", bytes, salt, purpose, 32));
}

const nothingDone = "No row was read or sent.";

/** The key, when it is the one that `what` ("The manifest …", as it begins a sentence) names; else a `config` error. */
export function requireKey(what: string, id: string, key: StoreKey | null): StoreKey {
  if (key?.id === id) return key;
  throw new VtpipeError({
    code: "config",
    message:
      key === null
        ? `${what} is encrypted with the key ${id}, and no key was given.`
        : `${what} is encrypted with the key ${id}, and the config's key is ${key.id}.`,
    now: nothingDone,
    todo:
      key === null
        ? "Give that key by encryption.key or encryption.keyFile in a config file, and the config file by -c."
        : "Give the key it was encrypted with by encryption.key or encryption.keyFile. Without that key it cannot be read by anybody: dump again into a new directory.",
    context: { key: id },
  });
}

/** A config with a key and a directory without: one of the two is a mistake, and rows would be in clear by it. */
export function notEncrypted(what: string): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `${what} is not encrypted, and the config has an encryption section.`,
    now: nothingDone,
    todo: "Take another directory for this config; or, to go on with this one as it is, a config without that section. A directory is encrypted as a whole or not at all.",
  });
}
