import { crc32 } from "node:zlib";

/** Numbers of the events that matter here; the protocol's. */
export const eventType = {
  query: 2,
  stop: 3,
  rotate: 4,
  formatDescription: 15,
  xid: 16,
  tableMap: 19,
  writeRowsV1: 23,
  updateRowsV1: 24,
  deleteRowsV1: 25,
  incident: 26,
  heartbeat: 27,
  writeRows: 30,
  updateRows: 31,
  deleteRows: 32,
  gtid: 33,
  anonymousGtid: 34,
  xaPrepare: 38,
  partialUpdateRows: 39,
  transactionPayload: 40,
  heartbeatV2: 41,
  taggedGtid: 42,
} as const;

export const HEADER_BYTES = 19;
const CHECKSUM_BYTES = 4;
const CRC32_CHECKSUM = 1;

/** One event of the log without its checksum. */
export interface BinlogEvent {
  readonly type: number;
  /** When the statement began on the source, seconds since 1970; 0 for what the sender makes up. */
  readonly timestamp: number;
  /** What follows the header. */
  readonly body: Buffer;
}

/**
 * Cuts the header and the checksum off. `checksums`: do events end in their CRC-32? A format description always says
 * so about itself and all after it. Throws RangeError when the CRC or the length is not right.
 */
export function parseEvent(bytes: Buffer, checksums: boolean): BinlogEvent {
  if (bytes.length < HEADER_BYTES) throw new RangeError("an event is shorter than its header");
  const type = bytes[4] as number;
  const timestamp = bytes.readUInt32LE(0);
  const checked = type === eventType.formatDescription ? describesChecksums(bytes) : checksums;
  const end = bytes.length - (checked || type === eventType.formatDescription ? CHECKSUM_BYTES : 0);
  if (end < HEADER_BYTES) throw new RangeError("an event is shorter than its header and checksum");
  if (checked) {
    const covered = bytes.subarray(0, end);
    if (crc32(isFormatInUse(bytes) ? closed(covered) : covered) !== bytes.readUInt32LE(end)) {
      throw new RangeError(`an event of type ${type} does not have its checksum`);
    }
  }
  return { type, timestamp, body: bytes.subarray(HEADER_BYTES, end) };
}

/** Does a format description say that events have checksums? */
export function describesChecksums(bytes: Buffer): boolean {
  return bytes[bytes.length - CHECKSUM_BYTES - 1] === CRC32_CHECKSUM;
}

/** The file being written is marked as in use, a bit that its checksum leaves out. */
function isFormatInUse(bytes: Buffer): boolean {
  return bytes[4] === eventType.formatDescription && ((bytes[17] as number) & 1) === 1;
}

function closed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[17] = (copy[17] as number) & ~1;
  return copy;
}
