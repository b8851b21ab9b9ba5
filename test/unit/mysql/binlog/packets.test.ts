import fc from "fast-check";
import { expect, test } from "vitest";
import { packetSplitter } from "../../../../src/mysql/binlog/packets.ts";

function packet(payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  return Buffer.concat([header, payload]);
}

test("however the network cuts them, packets come out whole and in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      (payloads, cuts) => {
        const stream = Buffer.concat(payloads.map((payload) => packet(Buffer.from(payload))));
        const found: string[] = [];
        const split = packetSplitter((payload) => found.push(payload.toString("hex")));
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % cuts.length] as number;
          split(stream.subarray(at, at + size));
          at += size;
        }
        expect(found).toEqual(payloads.map((payload) => Buffer.from(payload).toString("hex")));
      },
    ),
  );
});

test("a payload of 16 MiB and more is put together from its packets", () => {
  const full = Buffer.alloc(0xffffff, 1);
  const found: number[] = [];
  const split = packetSplitter((payload) => found.push(payload.length));
  for (const part of [full, full, Buffer.alloc(5, 2), full, Buffer.alloc(0)]) split(packet(part));
  expect(found).toEqual([2 * 0xffffff + 5, 0xffffff]);
});
