import { readLength, writeCell, writeLength } from "./bytes.ts";
import { capability } from "./capabilities.ts";

const payloadMax = 0xffffff;

/** Payloads as protocol packets, numbered from `sequence`; a payload of 16 MiB - 1 or more is split as the protocol says. */
export function frame(payloads: readonly Uint8Array[], sequence: number): Buffer {
  const parts: Uint8Array[] = [];
  let next = sequence;
  for (const payload of payloads) {
    let at = 0;
    for (;;) {
      const size = Math.min(payload.length - at, payloadMax);
      parts.push(Buffer.from([size & 0xff, (size >> 8) & 0xff, size >> 16, next++ & 0xff]));
      parts.push(payload.subarray(at, at + size));
      at += size;
      if (size < payloadMax) break;
    }
  }
  return Buffer.concat(parts);
}

/** The payloads of a run of whole packets, split ones joined again. */
export function unframe(bytes: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes.readUIntLE(at, 3);
    parts.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
    if (size === payloadMax) continue;
    payloads.push(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
    parts = [];
  }
  return payloads;
}

export interface OkFacts {
  readonly affectedRows: number;
  readonly lastInsertId: number;
  readonly status: number;
}

export function okPayload(facts: OkFacts, head = 0x00): Buffer {
  const tail = Buffer.alloc(4);
  tail.writeUInt16LE(facts.status, 0);
  return Buffer.concat([Buffer.from([head]), writeLength(facts.affectedRows), writeLength(facts.lastInsertId), tail]);
}

export function readOk(payload: Buffer): OkFacts {
  const affected = readLength(payload, 1);
  const insert = readLength(payload, affected.end);
  return { affectedRows: affected.value, lastInsertId: insert.value, status: payload.readUInt16LE(insert.end) };
}

export function errorPayload(errno: number, sqlState: string, message: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, errno & 0xff, errno >> 8]), Buffer.from(`#${sqlState}${message}`, "utf8")]);
}

export function readError(payload: Buffer): { errno: number; sqlState: string; message: string } {
  const marked = payload[3] === 0x23;
  return {
    errno: payload.readUInt16LE(1),
    sqlState: marked ? payload.toString("latin1", 4, 9) : "HY000",
    message: payload.toString("utf8", marked ? 9 : 3),
  };
}

function endPayload(capabilities: number, status: number): Buffer {
  if (capabilities & capability.deprecateEof) return okPayload({ affectedRows: 0, lastInsertId: 0, status }, 0xfe);
  return Buffer.from([0xfe, 0, 0, status & 0xff, status >> 8]);
}

/** A whole text result set as payloads, in the form the client's capabilities ask for. */
export function resultPayloads(
  columns: readonly Uint8Array[],
  rows: readonly Uint8Array[],
  capabilities: number,
  status: number,
): Uint8Array[] {
  const afterColumns = capabilities & capability.deprecateEof ? [] : [endPayload(capabilities, status)];
  return [writeLength(columns.length), ...columns, ...afterColumns, ...rows, endPayload(capabilities, status)];
}

/** Both kinds of column vtgate makes up itself: VARCHAR (utf8mb3, NOT NULL) for SHOW, VARBINARY for vindex functions. */
export function columnPayload(name: string, kind: "varchar" | "varbinary"): Buffer {
  const fixed = Buffer.alloc(13);
  fixed[0] = 0x0c;
  fixed.writeUInt16LE(kind === "varchar" ? 33 : 63, 1);
  fixed[7] = 0xfd;
  fixed.writeUInt16LE(kind === "varchar" ? 0x1 : 0x80, 8);
  const texts = ["def", "", "", "", name, ""];
  return Buffer.concat([...texts.map((text) => writeCell(text)), fixed]);
}

export interface ColumnFacts {
  readonly name: Buffer;
  readonly type: number;
  readonly charset: number;
}

/** What a column definition says of name, type and charset, and the same definition under another name. */
export function readColumn(payload: Buffer): ColumnFacts {
  const ends = stringEnds(payload);
  const name = ends[4] ?? { from: 0, to: 0 };
  const fixed = (ends[5]?.to ?? 0) + 1;
  return {
    name: payload.subarray(name.from, name.to),
    charset: payload.readUInt16LE(fixed),
    type: payload[fixed + 6] ?? 0,
  };
}

export function renameColumn(payload: Buffer, name: string): Buffer {
  const ends = stringEnds(payload);
  const before = payload.subarray(0, ends[3]?.to);
  return Buffer.concat([before, writeCell(name), payload.subarray(ends[4]?.to)]);
}

function stringEnds(payload: Buffer): { from: number; to: number }[] {
  const ends: { from: number; to: number }[] = [];
  let at = 0;
  for (let i = 0; i < 6; i++) {
    const { value, end } = readLength(payload, at);
    at = end + value;
    ends.push({ from: end, to: at });
  }
  return ends;
}
