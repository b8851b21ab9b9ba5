import type { RowBatch } from "../contracts/rows.ts";

/** What a splitter found. One of the last three comes last; `broken` may also follow the others when bytes come after the end. */
export interface RowListener {
  batch(batch: RowBatch): void;
  /** The server closed the result properly. */
  ended(): void;
  /** The server broke the result off with an error. */
  refused(errno: number, sqlState: string, message: string): void;
  /** The bytes are not a text result set: the stream cannot be understood from here on. */
  broken(why: string): void;
}

export interface SplitterOptions {
  /** A batch is closed before it would outgrow this; a larger row is a batch of its own. */
  readonly batchBytes: number;
  /** Was CLIENT_DEPRECATE_EOF negotiated? Then no EOF packet follows the column definitions. */
  readonly deprecateEof: boolean;
  /** Bytes of a row beyond which the stream counts as broken; default: what MySQL can send. */
  readonly longestRow?: number;
  /** A batch nobody looks at any more, whose memory the next one may take; null: there is none. */
  readonly spent?: () => RowBatch | null;
}

/** MySQL's largest packet, max_allowed_packet at its most, and something for the lengths of the cells. */
const LONGEST_ROW = (1 << 30) + (64 << 20);
/** Payload length that says: the packet goes on in the next one. */
const FULL_PACKET = 0xffffff;
const MORE_RESULTS = 8;
/** What a result begins with: most tables of thousands are small, and V8 collects garbage by the bytes that were asked for. */
const FIRST_BYTES = 16 * 1024;
/** Below this many bytes a loop beats the set-up of a block copy. */
const LOOP_COPY = 24;

/**
 * Cuts the answer to a COM_QUERY, fed in chunks of any size, into batches of row payloads. Bytes are copied once and
 * never decoded. Source: MySQL client/server protocol, "Protocol::Packet", "COM_QUERY Response", "Text Resultset".
 */
export function createRowSplitter(options: SplitterOptions, listener: RowListener): (chunk: Uint8Array) => void {
  const { batchBytes, deprecateEof, longestRow = LONGEST_ROW } = options;
  let phase: "header" | "columns" | "columnsEnd" | "rows" | "over" = "header";
  let columnsLeft = 0;

  let bytes: Buffer = Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, batchBytes));
  let offsets: Uint32Array = new Uint32Array(512);
  let rows = 0;
  /** Bytes in use, those of an unfinished packet included, and where that packet starts. */
  let size = 0;
  let packetStart = 0;

  const header = new Uint8Array(4);
  let headerFill = 0;
  let payloadLeft = 0;
  let inPayload = false;
  let continues = false;
  let sequence = 1;
  let understood = true;

  function over(tell: () => void): void {
    phase = "over";
    tell();
  }

  function broken(why: string): void {
    if (!understood) return;
    understood = false;
    over(() => listener.broken(why));
  }

  function flush(): void {
    if (rows === 0) return;
    const open = size - packetStart;
    const full: RowBatch = { bytes: bytes.subarray(0, packetStart), offsets, rows };
    const spent = open <= batchBytes ? (options.spent?.() ?? null) : null;
    // What a large row made larger is not kept.
    const reusable = spent !== null && spent.bytes.buffer.byteLength === batchBytes;
    const next = reusable ? Buffer.from(spent.bytes.buffer) : Buffer.allocUnsafeSlow(Math.max(batchBytes, open));
    bytes.copy(next, 0, packetStart, size);
    bytes = next;
    offsets = reusable ? spent.offsets : new Uint32Array(offsets.length);
    rows = 0;
    packetStart = 0;
    size = open;
    listener.batch(full);
  }

  /** The rows that are left; no batch follows, so none is made room for. */
  function flushLast(): void {
    if (rows > 0) listener.batch({ bytes: bytes.subarray(0, packetStart), offsets, rows });
    rows = 0;
  }

  function startPayload(): void {
    const length = (header[0] as number) | ((header[1] as number) << 8) | ((header[2] as number) << 16);
    if (header[3] !== sequence) {
      const found = header[3];
      broken(`packet number ${found} came where ${sequence} was due`);
      return;
    }
    sequence = (sequence + 1) & 0xff;
    if (!continues) packetStart = size;
    if (size - packetStart + length > longestRow) {
      broken(`a row of more than ${longestRow} bytes came`);
      return;
    }
    continues = length === FULL_PACKET;
    payloadLeft = length;
    inPayload = true;
    // By the limit and not by the buffer: a large column definition or row may have left a larger one.
    if (size + length > batchBytes) flush();
    if (size + length > bytes.length) {
      // Of rows larger than a batch only a quarter more than is needed: old and new are there at once.
      const needed = Math.ceil((size + length) * (continues ? 1.25 : 1));
      const grown = Buffer.allocUnsafeSlow(
        needed > batchBytes ? needed : Math.min(batchBytes, Math.max(needed, bytes.length * 4)),
      );
      bytes.copy(grown, 0, 0, size);
      bytes = grown;
    }
  }

  function append(chunk: Uint8Array, from: number, length: number): void {
    if (length <= LOOP_COPY) {
      for (let i = 0; i < length; i++) bytes[size + i] = chunk[from + i] as number;
    } else {
      bytes.set(new Uint8Array(chunk.buffer, chunk.byteOffset + from, length), size);
    }
    size += length;
  }

  function controlPacket(first: number, length: number): void {
    const at = packetStart;
    size = packetStart;
    if (first === 0xff && phase !== "columns") {
      if (length < 3) {
        broken("an error came without its number");
        return;
      }
      const errno = bytes.readUInt16LE(at + 1);
      const hasState = length >= 9 && bytes[at + 3] === 0x23;
      const sqlState = hasState ? bytes.toString("latin1", at + 4, at + 9) : "";
      const message = bytes.toString("utf8", at + (hasState ? 9 : 3), at + length);
      over(() => listener.refused(errno, sqlState, message));
      return;
    }
    switch (phase) {
      case "header":
        if (first === 0) {
          broken("the statement gave no rows");
          return;
        }
        if (first === 0xfb) {
          broken("the server asked for a local file");
          return;
        }
        if (first > 0xfc || (first === 0xfc && length < 3)) {
          broken("the number of columns cannot be read");
          return;
        }
        columnsLeft = first < 0xfb ? first : bytes.readUInt16LE(at + 1);
        if (columnsLeft === 0) {
          broken("the result has no columns");
          return;
        }
        phase = "columns";
        return;
      case "columns":
        columnsLeft--;
        if (columnsLeft === 0) phase = deprecateEof ? "rows" : "columnsEnd";
        return;
      case "columnsEnd":
        if (first !== 0xfe) {
          broken("the column definitions have no end");
          return;
        }
        phase = "rows";
        return;
      case "rows": {
        // EOF: 0xfe, warnings, status. OK in its place: 0xfe, affected rows and insert id (both 0), status.
        if (length < 5) {
          broken("the end of the result has no status");
          return;
        }
        const status = bytes.readUInt16LE(at + 3);
        if (status & MORE_RESULTS) {
          broken("the statement gave more than one result");
          return;
        }
        flushLast();
        over(() => listener.ended());
        return;
      }
      case "over":
        return;
    }
  }

  function endPacket(): void {
    const length = size - packetStart;
    const first = bytes[packetStart] as number;
    if (length === 0) {
      broken("an empty packet came");
      return;
    }
    // A row may begin with 0xfe too, but only when its first cell is 16 MiB or more.
    if (phase !== "rows" || first === 0xff || (first === 0xfe && length < (deprecateEof ? FULL_PACKET : 9))) {
      controlPacket(first, length);
      return;
    }
    rows++;
    if (rows === offsets.length) {
      const more = new Uint32Array(offsets.length * 2);
      more.set(offsets);
      offsets = more;
    }
    offsets[rows] = size;
    packetStart = size;
    if (size >= batchBytes) flush();
  }

  return (chunk) => {
    const end = chunk.length;
    let at = 0;
    while (at < end && phase !== "over") {
      if (!inPayload) {
        header[headerFill++] = chunk[at++] as number;
        if (headerFill < 4) continue;
        headerFill = 0;
        startPayload();
      }
      const length = Math.min(payloadLeft, end - at);
      append(chunk, at, length);
      at += length;
      payloadLeft -= length;
      if (payloadLeft === 0 && inPayload) {
        inPayload = false;
        if (!continues) endPacket();
      }
    }
    if (at < end) broken("bytes came after the end of the result");
  };
}
