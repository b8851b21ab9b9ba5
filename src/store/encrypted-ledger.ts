import { z } from "zod";
import type { LedgerRecord } from "../contracts/ledger.ts";
import { faultsOf } from "./contract-schemas.ts";
import { ledgerLine, lineOf, parseLedgerLine, recordOf, textOf } from "./ledger-line.ts";
import { requireKey, type StoreKey } from "./store-key.ts";
import {
  newTextCipher,
  type TextCipher,
  type TextEncryption,
  textCipher,
  textEncryptionSchema,
} from "./text-cipher.ts";

/** How records stand in a ledger's lines. Line numbers count from 1. */
export interface LedgerCoding {
  /** What stands before the first record: a line, or nothing. */
  readonly opening: string;
  line(record: LedgerRecord, number: number): string;
  /** Of a line without its line end; throws an Error saying what is wrong with it. */
  record(line: Buffer, number: number): LedgerRecord;
}

/** Format 1: JSON. */
export const plainLedger: LedgerCoding = { opening: "", line: ledgerLine, record: parseLedgerLine };

/** Format 2: after a line that says how, each record is encrypted for its place, so that no line can be left out or moved. */
interface Opening {
  readonly type: "encrypted";
  readonly format: 2;
  readonly encryption: TextEncryption;
}

const openingSchema: z.ZodType<Opening> = z.strictObject({
  type: z.literal("encrypted"),
  format: z.literal(2),
  encryption: textEncryptionSchema,
});

const purpose = "vtpipe ledger";

export function newEncryptedLedger(key: StoreKey): LedgerCoding {
  return encryptedLedger(newTextCipher(key, purpose));
}

/**
 * The coding of a ledger that begins with `line`; null when that is no opening of an encrypted one. Throws a `config` error about
 * the key, and an Error saying what else is wrong.
 */
export function encryptedLedgerOf(what: string, line: Buffer, key: StoreKey | null): LedgerCoding | null {
  const value = JSON.parse(textOf(line)) as { type?: unknown; format?: unknown } | null;
  if (value?.type !== "encrypted") return null;
  if (typeof value.format === "number" && value.format !== 2) {
    throw new Error(`it is of ledger format ${value.format}, and this version of vtpipe reads formats 1 and 2`);
  }
  const found = openingSchema.safeParse(value);
  if (!found.success) throw new Error(`it is no opening of an encrypted ledger (${faultsOf(found.error)})`);
  const { encryption } = found.data;
  return encryptedLedger(textCipher(requireKey(what, encryption.key, key), purpose, encryption));
}

function encryptedLedger(cipher: TextCipher): LedgerCoding {
  const opening: Opening = { type: "encrypted", format: 2, encryption: cipher.encryption };
  const place = (number: number): string => `line ${number}`;
  return {
    opening: lineOf(JSON.stringify(opening)),
    line: (record, number) => lineOf(cipher.encrypt(JSON.stringify(record), place(number))),
    record: (line, number) => recordOf(cipher.decrypt(textOf(line), place(number))),
  };
}
