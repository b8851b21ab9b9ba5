import { describe, expect, test } from "vitest";
import { createRowSplitter } from "../../../src/mysql/row-splitter.ts";

function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

const eof = Buffer.from([0xfe, 0, 0, 2, 0]);
const oneColumn = [Buffer.from([1]), Buffer.from("column definition"), eof];
const packets = (payloads: readonly Buffer[]): Buffer =>
  Buffer.concat(payloads.map((payload, i) => packet((i + 1) & 0xff, payload)));

function split(bytes: Buffer, deprecateEof = false) {
  const heard: string[] = [];
  const feed = createRowSplitter(
    { batchBytes: 100, deprecateEof },
    {
      batch: ({ bytes: rows, offsets, rows: count }) => {
        for (let i = 0; i < count; i++) heard.push(rows.toString("latin1", offsets[i], offsets[i + 1]));
      },
      ended: () => heard.push("ended"),
      refused: (errno, sqlState, message) => heard.push(`refused ${errno} ${sqlState} ${message}`),
      broken: (why) => heard.push(`broken ${why}`),
    },
  );
  feed(bytes);
  return heard;
}

const error = Buffer.concat([Buffer.from([0xff, 0x48, 0x04]), Buffer.from("#42000not so")]);

describe("row splitter", () => {
  test("a result", () => {
    expect(split(packets([...oneColumn, Buffer.from("\x01a"), Buffer.from("\xfb", "latin1"), eof]))).toEqual([
      "\x01a",
      "\xfb",
      "ended",
    ]);
    expect(split(packets([...oneColumn, eof]))).toEqual(["ended"]);
  });

  test("a small result asks for little memory, a large one for whole batches", () => {
    const roomOf = (rows: number): number[] => {
      const rooms: number[] = [];
      const feed = createRowSplitter(
        { batchBytes: 1 << 20, deprecateEof: false },
        {
          batch: ({ bytes }) => rooms.push(bytes.buffer.byteLength),
          ended() {},
          refused() {},
          broken: (why) => expect.unreachable(why),
        },
      );
      const row = Buffer.from(`\xfd${"\x10\x27\0"}${"x".repeat(10_000)}`, "latin1");
      feed(packets([...oneColumn, ...Array.from({ length: rows }, () => row), eof]));
      return rooms;
    };
    expect(roomOf(1)).toEqual([16 * 1024]);
    expect(roomOf(5)).toEqual([64 * 1024]);
    expect(roomOf(150)).toEqual([1 << 20, 1 << 20]);
  });

  test("a result without EOF after the columns, when that was agreed", () => {
    const end = Buffer.from([0xfe, 0, 0, 2, 0, 0, 0]);
    expect(split(packets([...oneColumn.slice(0, 2), Buffer.from("\x01a"), end]), true)).toEqual(["\x01a", "ended"]);
  });

  test("an error at any time", () => {
    const refused = "refused 1096 42000 not so";
    expect(split(packets([error]))).toEqual([refused]);
    expect(split(packets([...oneColumn, error]))).toEqual([refused]);
    // A broken-off result gives no part of its last batch: what was not delivered was not read.
    expect(split(packets([...oneColumn, Buffer.from("\x01a"), error]))).toEqual([refused]);
  });

  test("what is no result of rows", () => {
    expect(split(packets([Buffer.from([0, 1, 0, 2, 0, 0, 0])]))).toEqual(["broken the statement gave no rows"]);
    expect(split(packets([Buffer.from("\xfb/etc/passwd", "latin1")]))).toEqual([
      "broken the server asked for a local file",
    ]);
    expect(split(packets([...oneColumn.slice(0, 2), Buffer.from("\x01a")]))).toEqual([
      "broken the column definitions have no end",
    ]);
    expect(split(packets([...oneColumn, Buffer.alloc(0)]))).toEqual(["broken an empty packet came"]);
    expect(split(packets([...oneColumn, Buffer.from([0xfe, 0, 0, 10, 0])]))).toEqual([
      "broken the statement gave more than one result",
    ]);
  });

  test("packets out of order, and bytes after the end", () => {
    const ordered = packets([...oneColumn, Buffer.from("\x01a")]);
    expect(split(Buffer.concat([ordered, packet(9, eof)]))).toEqual(["broken packet number 9 came where 5 was due"]);
    expect(split(Buffer.concat([packets([...oneColumn, eof]), Buffer.from("x")]))).toEqual([
      "ended",
      "broken bytes came after the end of the result",
    ]);
  });

  test("a result that just stops is never ended", () => {
    const whole = packets([...oneColumn, Buffer.from("\x01a"), eof]);
    for (let length = 0; length < whole.length; length++) expect(split(whole.subarray(0, length))).toEqual([]);
  });

  test("rows of exactly one, and of more than one, full packet", () => {
    const full = 0xffffff;
    for (const length of [full - 1, full, full + 1, 2 * full, 2 * full + 5]) {
      const row = Buffer.alloc(length, "r");
      row[0] = 0xfe;
      const parts: Buffer[] = [];
      for (let at = 0; at <= length; at += full) parts.push(row.subarray(at, Math.min(at + full, length)));
      const heard: Buffer[] = [];
      let ended = false;
      const feed = createRowSplitter(
        { batchBytes: 1000, deprecateEof: false },
        {
          batch: ({ bytes, offsets, rows }) => {
            for (let i = 0; i < rows; i++) heard.push(bytes.subarray(offsets[i], offsets[i + 1]));
          },
          ended: () => {
            ended = true;
          },
          refused: () => expect.unreachable(),
          broken: (why) => expect.unreachable(why),
        },
      );
      feed(packets([...oneColumn, Buffer.from("\x01a"), ...parts, Buffer.from("\x01b"), eof]));
      expect(heard.map((one) => one.length)).toEqual([2, length, 2]);
      expect(heard[1]?.equals(row)).toBe(true);
      expect(ended).toBe(true);
    }
  });
});
