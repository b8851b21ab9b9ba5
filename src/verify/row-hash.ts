import { createHash } from "node:crypto";

/** 48 bits, so that a JavaScript number holds it: among a million rows two collide once in five hundred tables. */
export function hash48(bytes: Uint8Array | string): number {
  const digest = createHash("md5")
    .update(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes)
    .digest();
  return digest.readUIntBE(0, 6);
}

/** Rows whose hashes are kept at most, about 50 MB. Beyond it, rows are counted but not named. */
export const hashedRows = 1_000_000;
