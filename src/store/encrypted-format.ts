import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ChunkDecoder, ChunkEncoder } from "./chunk-coding.ts";
import {
  isSealed,
  leadBytes,
  readTotals,
  skippableMagic,
  totalsBytes,
  writeLead,
  writeTotals,
} from "./chunk-format.ts";
import type { ChunkFileHeader } from "./chunk-header.ts";
import { derivedKey, keyIdBytes, type StoreKey, saltBytes } from "./store-key.ts";

/** Format 2 of chunk files, byte by byte as ARCHITECTURE.md has it: the parts of format 1, each encrypted. */
export const encryptedFormatNumber = 2;
/** AES-256-GCM, with a key made for this file by HKDF-SHA-256. */
const cipherNumber = 1;
const purpose = "vtpipe chunk file";

/** Bytes of each part that stand in clear before what is encrypted, all of them authenticated with it. */
const headerClearBytes = leadBytes + 4 + 4 + keyIdBytes + saltBytes;
const frameClearBytes = leadBytes + 4 + 4;
const trailerClearBytes = leadBytes + 4;
/** Rows, raw length and CRC of the raw bytes, before the zstd frame. */
const factsBytes = 12;
const tagBytes = 16;
/** Authentication tag and CRC, after what is encrypted. */
const closingBytes = tagBytes + 4;

type Part = "vtpH" | "vtpF" | "vtpT";

/** A part occurs once in a file, frames by their number: no nonce is used twice under one key. */
function nonceOf(part: Part, number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.write(part, 0, "latin1");
  nonce.writeUInt32LE(number, 4);
  return nonce;
}

function encryptPart(key: Buffer, part: Part, number: number, clear: Buffer, secret: readonly Buffer[]): Buffer[] {
  const length = secret.reduce((sum, { length }) => sum + length, 0);
  writeLead(clear, part, clear.length + length + closingBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonceOf(part, number), { authTagLength: tagBytes });
  cipher.setAAD(clear);
  const encrypted = secret.map((bytes) => cipher.update(bytes));
  cipher.final();
  const closing = Buffer.alloc(closingBytes);
  cipher.getAuthTag().copy(closing);
  const crc = [clear, ...encrypted, closing.subarray(0, tagBytes)].reduce((sum, bytes) => crc32(bytes, sum), 0);
  closing.writeUInt32LE(crc, tagBytes);
  return [clear, ...encrypted, closing];
}

/** `rest` is all that follows `clear`. Throws unless both are what was written with this key in this place. */
function decryptPart(key: Buffer, part: Part, number: number, clear: Buffer, rest: Buffer): Buffer {
  const end = rest.length - closingBytes;
  const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(part, number), { authTagLength: tagBytes });
  decipher.setAAD(clear);
  decipher.setAuthTag(rest.subarray(end, end + tagBytes));
  const secret = decipher.update(rest.subarray(0, end));
  try {
    decipher.final();
  } catch (cause) {
    throw new Error("its authentication tag is wrong: it was changed or moved after it was written", { cause });
  }
  return secret;
}

/** `salt` is given by tests only: with one that was used before, nonces are, too. */
export function encryptedEncoder(
  header: ChunkFileHeader,
  storeKey: StoreKey,
  salt: Uint8Array = randomBytes(saltBytes),
): ChunkEncoder {
  const key = derivedKey(storeKey, salt, purpose);
  const headerClear = Buffer.alloc(headerClearBytes);
  headerClear.writeUInt32LE(encryptedFormatNumber, 12);
  headerClear.writeUInt32LE(cipherNumber, 16);
  headerClear.write(storeKey.id, 20, "hex");
  headerClear.set(salt, 20 + keyIdBytes);
  const head = Buffer.concat(encryptPart(key, "vtpH", 0, headerClear, [Buffer.from(JSON.stringify(header))]));
  const mark = head.readUInt32LE(head.length - 4);
  return {
    head,
    frame({ number, rows, rawLength, rawCrc }, compressed) {
      const clear = Buffer.alloc(frameClearBytes);
      clear.writeUInt32LE(mark, 12);
      clear.writeUInt32LE(number, 16);
      const facts = Buffer.alloc(factsBytes);
      facts.writeUInt32LE(rows, 0);
      facts.writeUInt32LE(rawLength, 4);
      facts.writeUInt32LE(rawCrc, 8);
      return encryptPart(key, "vtpF", number, clear, [facts, ...compressed]);
    },
    trailer(trailer) {
      const clear = Buffer.alloc(trailerClearBytes);
      clear.writeUInt32LE(mark, 12);
      const totals = Buffer.alloc(totalsBytes);
      writeTotals(totals, 0, trailer);
      return Buffer.concat(encryptPart(key, "vtpT", 0, clear, [totals]));
    },
  };
}

/** The name of the key a file is encrypted with; `bytes` is its header, which its CRC holds good. */
export function keyIdOf(bytes: Buffer): string {
  if (bytes.length < headerClearBytes + closingBytes) throw new Error("it is too short");
  const cipher = bytes.readUInt32LE(16);
  if (cipher !== cipherNumber) throw new Error(`it names cipher ${cipher}, which this version of vtpipe does not know`);
  return bytes.toString("hex", 20, 20 + keyIdBytes);
}

/** The header's JSON, and the decoder of what follows. */
export function openEncrypted(bytes: Buffer, storeKey: StoreKey): { json: string; decoder: ChunkDecoder } {
  const headerClear = bytes.subarray(0, headerClearBytes);
  const key = derivedKey(storeKey, headerClear.subarray(20 + keyIdBytes), purpose);
  const json = decryptPart(key, "vtpH", 0, headerClear, bytes.subarray(headerClearBytes)).toString("utf8");
  return { json, decoder: encryptedDecoder(key) };
}

function encryptedDecoder(key: Buffer): ChunkDecoder {
  return {
    leadBytes: frameClearBytes,
    lead(clear) {
      const isFrame =
        clear.length === frameClearBytes &&
        clear.readUInt32LE(0) === skippableMagic &&
        clear.toString("latin1", 8, 12) === "vtpF";
      const length = isFrame ? clear.readUInt32LE(4) + 8 - frameClearBytes : 0;
      if (length < factsBytes + closingBytes) throw new Error("its description is damaged or not there");
      const number = clear.readUInt32LE(16);
      return {
        mark: clear.readUInt32LE(12),
        number,
        length,
        open(content, proven) {
          const end = content.length - 4;
          if (!proven && content.readUInt32LE(end) !== crc32(content.subarray(0, end), crc32(clear))) {
            throw new Error("the CRC of its encrypted bytes is wrong");
          }
          const secret = decryptPart(key, "vtpF", number, clear, content);
          return {
            rows: secret.readUInt32LE(0),
            rawLength: secret.readUInt32LE(4),
            rawCrc: secret.readUInt32LE(8),
            compressed: secret.subarray(factsBytes),
          };
        },
      };
    },
    trailerBytes: trailerClearBytes + totalsBytes + closingBytes,
    trailer(bytes) {
      if (!isSealed(bytes, "vtpT")) return null;
      const clear = bytes.subarray(0, trailerClearBytes);
      const totals = () => readTotals(decryptPart(key, "vtpT", 0, clear, bytes.subarray(trailerClearBytes)), 0);
      return { mark: bytes.readUInt32LE(12), totals };
    },
  };
}
