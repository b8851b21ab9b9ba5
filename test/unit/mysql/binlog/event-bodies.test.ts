import { expect, test } from "vitest";
import { parseGtid, parseQuery } from "../../../../src/mysql/binlog/event-bodies.ts";

const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const micros = 1_700_000_000_123_456n;
const originMicros = 1_600_000_000_000_001n;
const originFollows = 1n << 55n;

/** A GTID event's body; `times` are its committing times, 7 bytes each. */
function gtidBody(...times: bigint[]): Buffer {
  const body = Buffer.alloc(1 + 16 + 8 + 17 + 8 * times.length);
  Buffer.from(uuid.replaceAll("-", ""), "hex").copy(body, 1);
  body.writeBigUInt64LE(77n, 17);
  for (const [i, time] of times.entries()) body.writeBigUInt64LE(time, 42 + 7 * i);
  return body.subarray(0, 42 + 7 * times.length);
}

test("a GTID event's time is that of the first server that committed it", () => {
  const gtid = { uuid, number: 77 };
  expect(parseGtid(gtidBody(micros))).toEqual({ gtid, committedAt: Number(micros) / 1000 });
  const followed = parseGtid(gtidBody(micros | originFollows, originMicros));
  expect(followed).toEqual({ gtid, committedAt: Number(originMicros) / 1000 });
});

test("a GTID event of a server that logs no time has none", () => {
  expect(parseGtid(gtidBody().subarray(0, 25)).committedAt).toBe(0);
});

test("a QUERY event's text comes after its status variables and database", () => {
  const head = Buffer.alloc(13);
  head[8] = 4;
  head[11] = 3;
  expect(parseQuery(Buffer.concat([head, Buffer.from("varshop\0SELECT 'é'")]))).toEqual({
    name: "shop",
    sql: "SELECT 'é'",
  });
  expect(() => parseQuery(head)).toThrow(RangeError);
});
