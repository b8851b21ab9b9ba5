import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noLimits, trackAnswer } from "../../../src/sandbox/router/protocol/answer-tracker.ts";
import { writeCell } from "../../../src/sandbox/router/protocol/bytes.ts";
import { capability, messageBytesMax } from "../../../src/sandbox/router/protocol/capabilities.ts";
import { knownPlugin, readLoginRequest, tokenMatches } from "../../../src/sandbox/router/protocol/client-login.ts";
import { createCommandReader } from "../../../src/sandbox/router/protocol/command-reader.ts";
import {
  columnPayload,
  errorPayload,
  frame,
  okPayload,
  readColumn,
  readError,
  readOk,
  renameColumn,
  resultPayloads,
  unframe,
} from "../../../src/sandbox/router/protocol/packets.ts";
import { scramble } from "../../../src/sandbox/router/protocol/scramble.ts";

/** The same bytes in pieces of the given sizes. */
function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}

const sizesOf = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

describe("packets", () => {
  test("what is framed is unframed, over the 16 MiB split too", () => {
    const payloads = [Buffer.from("a"), Buffer.alloc(0xffffff, "b"), Buffer.alloc(0), Buffer.alloc(0xffffff + 5, "c")];
    expect(unframe(frame(payloads, 0)).map((payload) => payload.length)).toEqual(
      payloads.map((payload) => payload.length),
    );
  });

  test("OK, error and column packets read back", () => {
    const facts = { affectedRows: 70_000, lastInsertId: 2 ** 40, status: 3 };
    expect(readOk(okPayload(facts))).toEqual(facts);
    expect(readError(errorPayload(1235, "42000", "nö"))).toEqual({ errno: 1235, sqlState: "42000", message: "nö" });
    const renamed = renameColumn(columnPayload("Tables_in_s0", "varchar"), "Tables_in_größer");
    expect(readColumn(renamed)).toEqual({ name: Buffer.from("Tables_in_größer"), type: 253, charset: 33 });
  });
});

describe("following an answer", () => {
  const rowOf = (text: string | null): Buffer => writeCell(text);
  test("ends where the answer ends, however it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.string({ maxLength: 300 }))), fc.boolean(), sizesOf, (texts, modern, sizes) => {
        const capabilities = modern ? capability.deprecateEof : 0;
        const bytes = frame(resultPayloads([columnPayload("a", "varchar")], texts.map(rowOf), capabilities, 2), 1);
        const tracker = trackAnswer("query", modern, noLimits);
        const cut = pieces(bytes, sizes);
        const done = cut.map((piece) => tracker.feed(piece));
        expect(done.indexOf(true)).toBe(cut.length - 1);
        expect([tracker.rows, tracker.status, tracker.failed]).toEqual([texts.length, 2, false]);
      }),
    );
  });

  test("several results, errors between rows, and prepared statements' definitions", () => {
    const several = trackAnswer("query", false, noLimits);
    const more = frame([okPayload({ affectedRows: 0, lastInsertId: 0, status: 8 })], 1);
    expect(several.feed(more)).toBe(false);
    expect(several.feed(frame([errorPayload(1, "HY000", "x")], 2))).toBe(true);
    expect(several.failed).toBe(true);
    const header = Buffer.from([0, 7, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0]);
    const definition = columnPayload("?", "varchar");
    const end = Buffer.from([0xfe, 0, 0, 2, 0]);
    const prepared = trackAnswer("prepare", false, noLimits);
    expect(prepared.feed(frame([header, definition, definition, end, definition], 1))).toBe(false);
    expect(prepared.feed(frame([end], 6))).toBe(true);
    const modern = trackAnswer("prepare", true, noLimits);
    expect(modern.feed(frame([header, definition, definition, definition], 1))).toBe(true);
  });

  test("bytes past the end are an error", () => {
    const tracker = trackAnswer("query", true, noLimits);
    const ok = okPayload({ affectedRows: 0, lastInsertId: 0, status: 2 });
    expect(() => tracker.feed(frame([ok, ok], 1))).toThrow("more than its answer");
  });

  test("an overrun is where the packet ends that was one too many", () => {
    fc.assert(
      fc.property(sizesOf, fc.integer({ min: 0, max: 8 }), (sizes, rowsMax) => {
        const rows = Array.from({ length: 10 }, (_, i) => rowOf(`row ${i}`));
        const columns = [columnPayload("a", "varchar")];
        const bytes = frame(resultPayloads(columns, rows, 0, 2), 1);
        const tracker = trackAnswer("query", false, { ...noLimits, rows: rowsMax });
        let passed = 0;
        for (const piece of pieces(bytes, sizes)) {
          const before = tracker.overrun;
          tracker.feed(piece);
          if (before === null && tracker.overrun !== null) {
            const { at, sequence } = tracker.overrun;
            const kept = unframe(bytes.subarray(0, passed + at));
            expect(kept).toHaveLength(3 + rowsMax + 1);
            expect(sequence).toBe(kept.length);
          }
          passed += piece.length;
        }
        expect(tracker.overrun?.what).toBe("rows");
      }),
    );
  });
});

describe("commands", () => {
  test("come whole, however they are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 })), sizesOf, (payloads, sizes) => {
        const reader = createCommandReader();
        const read: Buffer[] = [];
        for (const piece of pieces(Buffer.concat(payloads.map((payload) => frame([payload], 0))), sizes)) {
          reader.push(piece);
          for (let command = reader.take(); command !== null; command = reader.take()) {
            if (command.payload !== null) read.push(Buffer.from(command.payload));
          }
        }
        expect(read).toEqual(payloads.map((payload) => Buffer.from(payload)));
        expect(reader.waitingBytes()).toBe(0);
      }),
    );
  });

  test("one past the limit is counted, not kept, and the next is read", () => {
    const reader = createCommandReader();
    reader.push(frame([Buffer.alloc(messageBytesMax + 5), Buffer.from("next")], 0));
    expect(reader.take()).toMatchObject({ payload: null, bytes: messageBytesMax + 5 });
    expect(reader.take()?.payload?.toString()).toBe("next");
    expect(reader.take()).toBeNull();
  });
});

describe("logging in", () => {
  test("a token proves its password, for both plugins", () => {
    const nonce = Buffer.alloc(20, 7);
    for (const plugin of ["caching_sha2_password", "mysql_native_password"] as const) {
      expect(tokenMatches(plugin, "pw", nonce, scramble(plugin, "pw", nonce))).toBe(true);
      expect(tokenMatches(plugin, "pw", nonce, scramble(plugin, "pW", nonce))).toBe(false);
      expect(tokenMatches(plugin, "pw", nonce, Buffer.alloc(0))).toBe(false);
      expect(tokenMatches(plugin, "", nonce, Buffer.from([0]))).toBe(true);
    }
    expect(knownPlugin("dialog")).toBeNull();
  });

  test("handshake responses that are no MySQL 4.1 client's are not read", () => {
    expect(readLoginRequest(Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n       "))).toBeNull();
    expect(readLoginRequest(Buffer.alloc(10))).toBeNull();
    expect(readLoginRequest(Buffer.alloc(40))).toBeNull();
  });
});
