import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { VtpipeError } from "../contracts/errors.ts";
import type { LedgerRecord } from "../contracts/ledger.ts";
import { syncDirectory, writeAll } from "./durable.ts";
import { diskError, isMissing, unreadable } from "./file-errors.ts";
import { ledgerLine, parseLedgerLine } from "./ledger-line.ts";
import { readOrdinary } from "./ordinary-file.ts";

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

/** Reads a ledger; one that is not there is empty. A torn last line is left out, damage before it is refused. */
export async function readLedger(path: string): Promise<LedgerContent> {
  let bytes: Buffer;
  try {
    bytes = await readOrdinary(path);
  } catch (error) {
    if (isMissing(error)) return { records: [], bytes: 0, torn: false };
    throw unreadable(path, error);
  }
  const records: LedgerRecord[] = [];
  let at = 0;
  for (let line = 1; at < bytes.length; line++) {
    const end = bytes.indexOf(newline, at);
    if (end < 0) break;
    try {
      if (end - at > longestLine) throw new Error("it is longer than any record");
      const record = parseLedgerLine(bytes.subarray(at, end));
      if ((line === 1) !== (record.type === "run")) throw new Error("a ledger has one run record, its first");
      records.push(record);
    } catch (error) {
      throw damaged(path, line, error);
    }
    at = end + 1;
  }
  return { records, bytes: at, torn: at < bytes.length };
}

/** Opens a ledger for appending, making it if need be, and cuts off a torn last line. */
export async function openLedger(path: string): Promise<LedgerFile> {
  const content = await readLedger(path);
  let file: FileHandle;
  try {
    file = await open(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
    if (content.torn) await file.truncate(content.bytes);
    await file.sync();
    await syncDirectory(dirname(path));
  } catch (error) {
    throw diskError(path, error, "Nothing was recorded.");
  }

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
      await writeAll(file, [Buffer.from(records.map(ledgerLine).join(""))]);
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
