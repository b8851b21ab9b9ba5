import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { resolve, sep } from "node:path";
import { encryptionKeyExpected, encryptionKeyPattern } from "../contracts/encryption-key.ts";
import type { Problem } from "../contracts/problems.ts";
import type { EncryptionConfig } from "./config.ts";
import type { CheckedEncryption } from "./encryption-schema.ts";

/** A key is 64 characters and a line end at most; whatever the path leads to, no more than this is read. */
const keyFileBytes = 1024;

export interface FoundKey {
  readonly encryption: EncryptionConfig | null;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/**
 * The key an `encryption` section names, read from its file if it is there. No message quotes what is in the file. `directory` is
 * the run directory, absolute.
 */
export function findKey({ key, keyFile }: CheckedEncryption, baseDirectory: string, directory: string): FoundKey {
  const refused = (path: string, text: string): FoundKey => ({
    encryption: null,
    problems: [{ path, text }],
    warnings: [],
  });
  if (key !== undefined && keyFile !== undefined) {
    return refused("encryption", "There are a key and a keyFile. Keep one of them.");
  }
  if (key !== undefined) return { encryption: { key }, problems: [], warnings: [] };
  if (keyFile === undefined) return refused("encryption", "This takes a key or a keyFile.");
  const file = resolve(baseDirectory, keyFile);
  try {
    const { text, openToOthers } = readStart(file);
    if (!encryptionKeyPattern.test(text)) {
      return refused("encryption.keyFile", `${file} does not hold ${encryptionKeyExpected}.`);
    }
    const warnings: string[] = [];
    if (openToOthers) warnings.push(`Other users may read the key in ${file}; chmod 600 keeps them out.`);
    if (file.startsWith(`${directory}${sep}`)) {
      warnings.push(`The key in ${file} lies in the run directory that it encrypts: whoever gets one has both.`);
    }
    return { encryption: { key: text }, problems: [], warnings };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return refused(
      "encryption.keyFile",
      `${file} cannot be read: ${code === "ENOENT" ? "it does not exist" : message}.`,
    );
  }
}

function readStart(file: string): { text: string; openToOthers: boolean } {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(keyFileBytes);
    const text = bytes.toString("utf8", 0, readSync(descriptor, bytes)).trim();
    const stat = fstatSync(descriptor);
    const openToOthers = process.platform !== "win32" && stat.isFile() && (stat.mode & 0o077) !== 0;
    return { text, openToOthers };
  } finally {
    closeSync(descriptor);
  }
}
