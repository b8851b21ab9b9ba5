import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { eventType, parseEvent } from "../../../../src/mysql/binlog/events.ts";

function event(type: number, body: string): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(19), Buffer.from(body), Buffer.alloc(4)]);
  bytes[4] = type;
  bytes.writeUInt32LE(bytes.length, 9);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

test("an event with any bit changed is refused by its checksum", () => {
  const bytes = event(eventType.xid, "01234567");
  expect(parseEvent(bytes, true).body.toString()).toBe("01234567");
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    // Where the type becomes that of a format description, its own last bytes say whether there is a checksum.
    if (changed[4] === eventType.formatDescription) continue;
    expect(() => parseEvent(changed, true), `bit ${bit}`).toThrow(RangeError);
  }
});

test("an event that is too short is refused", () => {
  expect(() => parseEvent(Buffer.alloc(10), false)).toThrow("shorter than its header");
  expect(() => parseEvent(Buffer.alloc(20), true)).toThrow("shorter than its header");
});
