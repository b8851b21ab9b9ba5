import { readLength } from "./bytes.ts";
import { messageBytesMax, serverStatus } from "./capabilities.ts";

/** What kind of answer a command gets: rows or OK, a prepared statement's header, or one packet. */
export type AnswerShape = "query" | "prepare" | "single";

type Phase = "first" | "columns" | "columnsEnd" | "rows" | "definitions" | "done";

/** A packet's head is enough to know what it is: an OK packet's status ends within 1+9+9+2 bytes. */
const headBytes = 32;

/**
 * Follows an answer as its bytes pass by, without keeping them, to know when it is over, how many rows it had and what
 * status it left. MySQL is request and response, so bytes after the end are a broken server.
 */
export interface AnswerTracker {
  /** Looks at the next bytes; true when the answer is complete. Throws on bytes that belong to no answer. */
  feed(chunk: Buffer): boolean;
  readonly done: boolean;
  readonly failed: boolean;
  readonly rows: number;
  readonly bytes: number;
  readonly status: number | null;
  /** Sequence number of the last packet begun, and whether its bytes are all in. */
  readonly sequence: number;
  readonly betweenPackets: boolean;
  /** Set once, when a limit is first passed. */
  readonly overrun: Overrun | null;
}

/** What Vitess would not carry: more rows than vttablet's max result, or more bytes than a gRPC message. */
export interface AnswerLimits {
  readonly rows: number;
  readonly bytes: number;
  /** Refuse single rows past a message, too? */
  readonly rowBytes: boolean;
}

/** Where in the chunk last fed an error packet can take the place of the rest; `at` -1: nowhere, a header is cut. */
export interface Overrun {
  readonly what: "rows" | "bytes";
  readonly bytes: number;
  readonly at: number;
  readonly sequence: number;
}

export const noLimits: AnswerLimits = {
  rows: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
  rowBytes: false,
};

export function trackAnswer(shape: AnswerShape, deprecateEof: boolean, limits: AnswerLimits): AnswerTracker {
  let phase: Phase = "first";
  let expected = 0;
  let definitions: number[] = [];
  let failed = false;
  let rows = 0;
  let bytes = 0;
  let status: number | null = null;
  let sequence = 0;
  let overrun: Overrun | null = null;

  const header = Buffer.alloc(4);
  let headerFilled = 0;
  let left = 0;
  let continuing = false;
  let full = false;
  let payloadBytes = 0;
  const head = Buffer.alloc(headBytes);
  let headFilled = 0;

  function afterStatus(): void {
    phase = status !== null && status & serverStatus.moreResults ? "first" : "done";
  }

  function okStatus(packet: Buffer): void {
    const insert = readLength(packet, readLength(packet, 1).end);
    status = packet.readUInt16LE(insert.end);
  }

  /** After a prepare header: parameter and column definitions, each group closed by an EOF packet unless deprecated. */
  function nextDefinitions(): void {
    const group = definitions.shift();
    if (group === undefined) phase = "done";
    else {
      phase = "definitions";
      expected = group + (deprecateEof ? 0 : 1);
    }
  }

  function prepareHeader(packet: Buffer): void {
    if (packet[0] !== 0x00) throw new Error("the answer to a prepare is malformed");
    definitions = [packet.readUInt16LE(7), packet.readUInt16LE(5)].filter((count) => count > 0);
    nextDefinitions();
  }

  function first(packet: Buffer): void {
    if (packet[0] === 0xff) {
      failed = true;
      phase = "done";
    } else if (shape === "prepare") prepareHeader(packet);
    else if (packet[0] === 0x00) {
      okStatus(packet);
      afterStatus();
    } else if (shape === "single") phase = "done";
    else if (packet[0] === 0xfb) throw new Error("the server asked for a local file");
    else {
      expected = readLength(packet, 0).value;
      phase = "columns";
    }
  }

  function row(packet: Buffer, size: number): void {
    if (packet[0] === 0xff) {
      failed = true;
      phase = "done";
    } else if (packet[0] === 0xfe && (deprecateEof ? size < 0xffffff : size < 9)) {
      if (deprecateEof) okStatus(packet);
      else status = packet.readUInt16LE(3);
      afterStatus();
    } else rows++;
  }

  function packet(bytesOfHead: Buffer, size: number): void {
    if (phase === "first") first(bytesOfHead);
    else if (phase === "columns") {
      if (--expected === 0) phase = deprecateEof ? "rows" : "columnsEnd";
    } else if (phase === "columnsEnd") phase = "rows";
    else if (phase === "rows") row(bytesOfHead, size);
    else if (phase === "definitions") {
      if (--expected === 0) nextDefinitions();
    } else throw new Error("the server sent more than its answer");
  }

  function feed(chunk: Buffer): boolean {
    const bytesBefore = bytes;
    bytes += chunk.length;
    let at = 0;
    while (at < chunk.length) {
      if (headerFilled < 4) {
        if (headerFilled === 0 && chunk.length - at >= 4) {
          left = chunk.readUIntLE(at, 3);
          sequence = chunk[at + 3] ?? 0;
          at += 4;
        } else {
          header[headerFilled++] = chunk[at++] ?? 0;
          if (headerFilled < 4) continue;
          left = header.readUIntLE(0, 3);
          sequence = header[3] ?? 0;
        }
        const whole = headerFilled === 0;
        headerFilled = 4;
        full = left === 0xffffff;
        // A row of 16 MiB and more begins with a packet of the greatest size, and no gRPC message carries it.
        if (full && phase === "rows" && !continuing && limits.rowBytes) {
          overrun ??= { what: "bytes", bytes: messageBytesMax + 1, at: whole ? at - 4 : -1, sequence: sequence - 1 };
        }
        if (!continuing) {
          payloadBytes = 0;
          headFilled = 0;
        }
        payloadBytes += left;
      }
      const size = Math.min(left, chunk.length - at);
      if (headFilled < headBytes && size > 0) headFilled += chunk.copy(head, headFilled, at, at + size);
      at += size;
      left -= size;
      if (left > 0) break;
      headerFilled = 0;
      continuing = full;
      if (continuing) continue;
      packet(head.subarray(0, headFilled), payloadBytes);
      if (phase === "rows" && overrun === null) {
        const passed = bytesBefore + at;
        if (rows > limits.rows) overrun = { what: "rows", bytes: passed, at, sequence };
        else if (passed > limits.bytes) overrun = { what: "bytes", bytes: passed, at, sequence };
      }
    }
    return phase === "done";
  }

  return {
    feed,
    get done() {
      return phase === "done";
    },
    get failed() {
      return failed;
    },
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    get status() {
      return status;
    },
    get sequence() {
      return sequence;
    },
    get overrun() {
      return overrun;
    },
    get betweenPackets() {
      return headerFilled === 0 && !continuing;
    },
  };
}
