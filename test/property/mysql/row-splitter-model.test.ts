import fc from "fast-check";
import { expect, test } from "vitest";
import { cellSize, writeCellPrefix } from "../../../src/mysql/cells.ts";
import { createRowSplitter } from "../../../src/mysql/row-splitter.ts";
import { fuzz, fuzzTimeout } from "../../support/fuzz.ts";

const timeout = fuzzTimeout;
const full = 0xffffff;

/** What a listener hears of a stream: rows, and how it came to its end. */
interface Heard {
  readonly rows: readonly string[];
  readonly end: "nothing yet" | "ended" | "broken" | `refused ${number} ${string} ${string}`;
}

/** The protocol's rules over whole packets, written as plainly as they can be: what the splitter is held against. */
function model(bytes: Buffer): Heard {
  const rows: string[] = [];
  let phase: "header" | "columns" | "columnsEnd" | "rows" = "header";
  let columns = 0;
  let at = 0;
  for (let sequence = 1; ; ) {
    const parts: Buffer[] = [];
    for (let length = full; length === full; ) {
      // A packet's number is looked at as soon as its four bytes are there.
      if (at + 4 > bytes.length) return { rows, end: "nothing yet" };
      length = bytes.readUIntLE(at, 3);
      if (bytes[at + 3] !== (sequence & 0xff)) return { rows, end: "broken" };
      if (at + 4 + length > bytes.length) return { rows, end: "nothing yet" };
      parts.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
      sequence++;
    }
    const packet = Buffer.concat(parts);
    const [first] = packet;
    if (first === undefined) return { rows, end: "broken" };
    if (first === 0xff && phase !== "columns") {
      if (packet.length < 3) return { rows, end: "broken" };
      const hasState = packet.length >= 9 && packet[3] === 0x23;
      const state = hasState ? packet.toString("latin1", 4, 9) : "";
      const end = `refused ${packet.readUInt16LE(1)} ${state} ${packet.toString("utf8", hasState ? 9 : 3)}` as const;
      // What comes after an end of any kind is nobody's answer.
      return { rows, end: at === bytes.length ? end : "broken" };
    }
    if (phase === "header") {
      if (first === 0 || first === 0xfb || first > 0xfc || (first === 0xfc && packet.length < 3))
        return { rows, end: "broken" };
      columns = first === 0xfc ? packet.readUInt16LE(1) : first;
      if (columns === 0) return { rows, end: "broken" };
      phase = "columns";
    } else if (phase === "columns") {
      columns--;
      if (columns === 0) phase = "columnsEnd";
    } else if (phase === "columnsEnd") {
      if (first !== 0xfe) return { rows, end: "broken" };
      phase = "rows";
    } else if (first === 0xfe && packet.length < 9) {
      const isEnd = packet.length >= 5 && (packet.readUInt16LE(3) & 8) === 0;
      return { rows, end: isEnd && at === bytes.length ? "ended" : "broken" };
    } else rows.push(packet.toString("hex"));
  }
}

/** What the splitter makes of the bytes when they come in these pieces. */
function heardOf(bytes: Buffer, cuts: readonly number[], batchBytes: number): Heard {
  const rows: string[] = [];
  let end: Heard["end"] = "nothing yet";
  const feed = createRowSplitter(
    { batchBytes, deprecateEof: false },
    {
      batch(batch) {
        expect(end).toBe("nothing yet");
        for (let i = 0; i < batch.rows; i++)
          rows.push(batch.bytes.toString("hex", batch.offsets[i], batch.offsets[i + 1]));
      },
      ended: () => {
        end = "ended";
      },
      refused: (errno, sqlState, message) => {
        end = `refused ${errno} ${sqlState} ${message}`;
      },
      broken: () => {
        end = "broken";
      },
    },
  );
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const next = at + Math.max(1, cuts[i % cuts.length] ?? bytes.length);
    feed(bytes.subarray(at, next));
    at = next;
  }
  return { rows, end };
}

/** Rows of the last batch are given only with the end that makes them whole. */
function expectAsModel(bytes: Buffer, cuts: readonly number[], batchBytes: number): Heard {
  const expected = model(bytes);
  const heard = heardOf(bytes, cuts, batchBytes);
  expect(heard.end).toBe(expected.end);
  if (expected.end === "ended") expect(heard.rows).toEqual(expected.rows);
  else expect(expected.rows.slice(0, heard.rows.length)).toEqual(heard.rows);
  return expected;
}

/** Payloads in packets numbered from one, those of 16 MiB and more in several. */
function packets(payloads: readonly Uint8Array[], first = 1): Buffer {
  const parts: Uint8Array[] = [];
  let sequence = first;
  for (const payload of payloads) {
    for (let at = 0; at <= payload.length; at += full) {
      const part = payload.subarray(at, at + full);
      const header = Buffer.alloc(4);
      header.writeUIntLE(part.length, 0, 3);
      header[3] = sequence++ & 0xff;
      parts.push(header, part);
    }
  }
  return Buffer.concat(parts);
}

const eof = Buffer.from([0xfe, 0, 0, 2, 0]);
const start = (columns: number): Buffer[] => [
  columns < 0xfb ? Buffer.from([columns]) : Buffer.from([0xfc, columns & 255, columns >> 8]),
  ...Array.from({ length: columns }, () => Buffer.from("\x03def")),
  eof,
];

/** Around every change of a length's own length. */
const lengths = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -1, max: 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: 247, max: 256 }) },
  { weight: 1, arbitrary: fc.integer({ min: 65_532, max: 65_540 }) },
);

function rowOf(cells: readonly number[]): Buffer {
  const row = Buffer.alloc(
    cells.reduce((sum, length) => sum + cellSize(length), 0),
    0xab,
  );
  let at = 0;
  for (const length of cells) at = writeCellPrefix(row, at, length) + Math.max(length, 0);
  return row;
}

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70_000 })), {
  minLength: 1,
  maxLength: 20,
});
const batchBytes = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.constantFrom(1 << 16, 1 << 20));

test("rows with cells of every length are cut as the protocol says, whatever the network does", {
  timeout,
}, async () => {
  const rows = fc.array(fc.array(lengths, { minLength: 1, maxLength: 6 }), { maxLength: 40 });
  await fuzz(
    "results of rows",
    200,
    fc.asyncProperty(
      rows,
      cuts,
      batchBytes,
      fc.constantFrom(1, 2, 250, 251, 300),
      async (all, pieces, size, columns) => {
        const bytes = packets([...start(columns), ...all.map(rowOf), eof]);
        expect(expectAsModel(bytes, pieces, size)).toEqual({
          rows: all.map((cells) => rowOf(cells).toString("hex")),
          end: "ended",
        });
      },
    ),
  );
});

/** Packets that may come where they should not: ends, errors, empty ones, and beginnings of all of them. */
const odd = fc.oneof(
  fc
    .constantFrom(
      ...[[], [0xfe], [0xfe, 0], [0xfe, 0, 0], [0xfe, 0, 0, 2], [0xfe, 0, 0, 10, 0], [0xff], [0xff, 1], [0xff, 1, 4]],
      ...[
        [0xff, 0x48, 4, 0x23],
        [0xff, 0x48, 4, 0x23, 52, 50, 48, 48, 48, 97],
        [0xff, 0x48, 4, 97, 98],
        [0xfb],
        [0xfc],
        [0xfc, 1],
        [0xfd, 1, 0, 0],
      ],
      ...[[0xfc, 0, 0], [0xfe, 1, 2, 3, 4, 5, 6, 7], [0xfe, 1, 2, 3, 4, 5, 6, 7, 8], [0], [0xfa]],
    )
    .map((bytes) => Uint8Array.from(bytes)),
  fc.uint8Array({ maxLength: 12 }),
);

test("packets of any kind in any order are understood or broken off, and no row but a whole one is given", {
  timeout,
}, async () => {
  const payload = fc.oneof(
    { weight: 3, arbitrary: fc.array(lengths, { minLength: 1, maxLength: 3 }).map(rowOf) },
    { weight: 1, arbitrary: odd },
  );
  const noise = fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(), fc.nat(255)) },
  );
  await fuzz(
    "packets of any kind",
    1500,
    fc.asyncProperty(
      fc.boolean(),
      fc.array(payload, { maxLength: 12 }),
      cuts,
      batchBytes,
      noise,
      fc.nat(),
      async (proper, payloads, pieces, size, patch, end) => {
        const bytes = packets(proper ? [...start(1), ...payloads, eof] : payloads);
        if (patch !== null && bytes.length > 0) bytes[patch[0] % bytes.length] = patch[1];
        expectAsModel(end % 4 === 0 ? bytes.subarray(0, end % (bytes.length + 1)) : bytes, pieces, size);
      },
    ),
  );
});

test("bytes of any kind are understood or broken off", { timeout }, async () => {
  await fuzz(
    "bytes for rows",
    500,
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), cuts, async (bytes, pieces) => {
      expectAsModel(Buffer.from(bytes), pieces, 100);
    }),
  );
});

test("rows around every multiple of 16 MiB are whole, wherever they are cut", { timeout }, async () => {
  const around = fc
    .tuple(fc.constantFrom(1, 2), fc.integer({ min: -3, max: 3 }))
    .map(([times, more]) => times * full + more);
  const pieces = fc.array(
    fc.oneof(fc.constantFrom(full, full + 4, full + 3), fc.integer({ min: 1 << 16, max: 1 << 24 })),
    { minLength: 1, maxLength: 4 },
  );
  await fuzz(
    "rows of 16 MiB and more",
    6,
    fc.asyncProperty(around, pieces, async (length, cut) => {
      const large = Buffer.alloc(length, 0x61);
      large[0] = 0xfe;
      large.writeUInt32LE(length, length - 4);
      const bytes = packets([...start(1), Buffer.from("\x01a"), large, Buffer.from("\x01b"), eof]);
      const found: Buffer[] = [];
      let ended = 0;
      const feed = createRowSplitter(
        { batchBytes: 1 << 20, deprecateEof: false },
        {
          batch: (batch) => {
            for (let i = 0; i < batch.rows; i++)
              found.push(batch.bytes.subarray(batch.offsets[i], batch.offsets[i + 1]));
          },
          ended: () => {
            ended++;
          },
          refused: () => expect.unreachable(),
          broken: (why) => expect.unreachable(why),
        },
      );
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const next = at + (cut[i % cut.length] as number);
        feed(bytes.subarray(at, next));
        at = next;
      }
      expect([ended, found.map((row) => row.length)]).toEqual([1, [2, length, 2]]);
      expect((found[1] as Buffer).equals(large)).toBe(true);
    }),
  );
});

test.each<[string, Buffer[], string]>([
  ["an error of one byte", [Buffer.from([0xff])], "an error came without its number"],
  ["an end of four bytes", [...start(1), Buffer.from([0xfe, 0, 0, 2])], "the end of the result has no status"],
  ["a number of columns of one byte", [Buffer.from([0xfc])], "the number of columns cannot be read"],
  ["no columns", [Buffer.from([0xfc, 0, 0])], "the result has no columns"],
  ["millions of columns", [Buffer.from([0xfd, 0, 0, 1])], "the number of columns cannot be read"],
])("%s breaks the result off", (_, payloads, why) => {
  const heard: string[] = [];
  const listener = {
    batch: () => {},
    ended: () => heard.push("ended"),
    refused: () => heard.push("refused"),
    broken: (text: string) => heard.push(text),
  };
  createRowSplitter({ batchBytes: 4, deprecateEof: false }, listener)(packets(payloads));
  expect(heard).toEqual([why]);
});

test("a row that never ends is broken off before it fills the memory", () => {
  const heard: string[] = [];
  const listener = { batch: () => {}, ended: () => {}, refused: () => {}, broken: (why: string) => heard.push(why) };
  const feed = createRowSplitter({ batchBytes: 1000, deprecateEof: false, longestRow: full + 10 }, listener);
  const endless = packets([...start(1), Buffer.alloc(3 * full, 0x61)]);
  feed(endless);
  expect(heard).toEqual([`a row of more than ${full + 10} bytes came`]);
});
