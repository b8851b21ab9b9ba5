import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { VtpipeError } from "../contracts/errors.ts";
import type { LedgerRecord } from "../contracts/ledger.ts";
import { syncDirectory, writeAll } from "./durable.ts";
import { encryptedLedgerOf, type LedgerCoding, newEncryptedLedger, plainLedger } from "./encrypted-ledger.ts";
import { diskError, isMissing, unreadable } from "./file-errors.ts";
import { readOrdinary } from "./ordinary-file.ts";
import { notEncrypted, type StoreKey } from "./store-key.ts";

/** A ledger as far as it was acknowledged. */
export interface LedgerContent {
  readonly records: readonly LedgerRecord[];
  /** Bytes of whole lines; what follows is the torn last line of a run that was killed. */
  readonly bytes: number;
  readonly torn: boolean;
}

/** The open ledger; for one writer at a time, which is whoever has the directory's lock. */
export interface LedgerFile extends AsyncDisposable {
  /** What was there when it was opened. */
  readonly records: readonly LedgerRecord[];
  /**
   * Resolves when the records are on the disk for good. Calls made while one is being written go together into the
   * next write. After a failed write the ledger takes nothing more.
   */
  append(...records: readonly LedgerRecord[]): Promise<void>;
  close(): Promise<void>;
}

const newline = 0x0a;
/** Of one record: a handoff of 10,000 tables takes 2 MB. */
const longestLine = 16 << 20;
const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = constants;

/**
 * Reads a ledger; one that is not there is empty. A torn last line is left out, damage before it is refused, and so is one that
 * is encrypted with another key than `key`, or that is not encrypted where there is a key.
 */
export async function readLedger(path: string, key: StoreKey | null = null): Promise<LedgerContent> {
  const { records, bytes, torn } = await readLines(path, key);
  return { records, bytes, torn };
}

interface LedgerLines extends LedgerContent {
  /** Whole ones, an opening included. */
  readonly lines: number;
  /** null: there is no line to tell. */
  readonly coding: LedgerCoding | null;
}

async function readLines(path: string, key: StoreKey | null): Promise<LedgerLines> {
  let bytes: Buffer;
  try {
    bytes = await readOrdinary(path);
  } catch (error) {
    if (isMissing(error)) return { records: [], bytes: 0, torn: false, lines: 0, coding: null };
    throw unreadable(path, error);
  }
  const records: LedgerRecord[] = [];
  let coding: LedgerCoding | null = null;
  let at = 0;
  let lines = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, at)) {
    const line = bytes.subarray(at, end);
    at = end + 1;
    lines += 1;
    try {
      if (line.length > longestLine) throw new Error("it is longer than any record");
      if (coding === null) {
        coding = codingOf(path, line, key);
        if (coding !== plainLedger) continue;
      }
      const record = coding.record(line, lines);
      if ((records.length === 0) !== (record.type === "run")) throw new Error("a ledger has one run record, its first");
      records.push(record);
    } catch (error) {
      if (error instanceof VtpipeError) throw error;
      throw damaged(path, lines, error);
    }
  }
  return { records, bytes: at, torn: at < bytes.length, lines, coding };
}

/** How a ledger is written, by its first line. */
function codingOf(path: string, line: Buffer, key: StoreKey | null): LedgerCoding {
  const what = `The ledger ${path}`;
  const encrypted = encryptedLedgerOf(what, line, key);
  if (encrypted !== null) return encrypted;
  if (key !== null) throw notEncrypted(what);
  return plainLedger;
}

/** Opens a ledger for appending, making it if need be, and cuts off a torn last line. One that is begun with a key is encrypted. */
export async function openLedger(path: string, key: StoreKey | null = null): Promise<LedgerFile> {
  const content = await readLines(path, key);
  const coding = content.coding ?? (key === null ? plainLedger : newEncryptedLedger(key));
  let file: FileHandle;
  try {
    file = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
    if (content.torn) await file.truncate(content.bytes);
    await file.sync();
    await syncDirectory(dirname(path));
  } catch (error) {
    throw diskError(path, error, "Nothing was recorded.");
  }

  let lines = content.lines;
  const linesOf = (records: readonly LedgerRecord[]): string => {
    let text = "";
    if (lines === 0 && coding.opening !== "") {
      text = coding.opening;
      lines += 1;
    }
    for (const record of records) text += coding.line(record, ++lines);
    return text;
  };

  let failure: VtpipeError | null = null;
  let waiting: LedgerRecord[] = [];
  let nextWrite: Promise<void> | null = null;
  let lastWrite: Promise<void> = Promise.resolve();

  const writeWaiting = async (): Promise<void> => {
    const records = waiting;
    waiting = [];
    nextWrite = null;
    if (failure !== null) throw failure;
    try {
      await writeAll(file, [Buffer.from(linesOf(records))]);
      await file.datasync();
    } catch (error) {
      failure = diskError(
        path,
        error,
        `What was being recorded (${records[0]?.type ?? "nothing"}) may or may not be in the ledger; all before it is.`,
      );
      throw failure;
    }
  };

  const append = (...records: readonly LedgerRecord[]): Promise<void> => {
    if (records.length === 0) return Promise.resolve();
    waiting.push(...records);
    if (nextWrite === null) {
      nextWrite = lastWrite.then(writeWaiting, writeWaiting);
      lastWrite = nextWrite;
    }
    return nextWrite;
  };

  const close = async (): Promise<void> => {
    await lastWrite.catch(() => {});
    await file.close();
  };
  return { records: content.records, append, close, [Symbol.asyncDispose]: close };
}

function damaged(path: string, line: number, cause: unknown): VtpipeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new VtpipeError({
    code: "files",
    message: `The ledger ${path} is damaged in line ${line}: ${why}.`,
    now: "Nothing was changed. What was done after that line is not known from here.",
    todo: "Restore the ledger from a copy. If there is none and the manifest is complete, load its directory into an empty target with a copy of manifest and chunks in a new folder; otherwise start over in a new folder.",
    context: { file: path, line },
    cause,
  });
}
