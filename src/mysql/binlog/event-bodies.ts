import type { Gtid } from "../gtid-set.ts";
import { bytesReader } from "./bytes-reader.ts";

/** A GTID event's transaction, and when it was committed where it began, milliseconds since 1970; 0 where that was not logged. */
export function parseGtid(body: Buffer): { gtid: Gtid; committedAt: number } {
  const reader = bytesReader(body);
  reader.skip(1);
  const hex = reader.take(16).toString("hex");
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const number = Number(reader.big());
  let committedAt = 0;
  if (reader.left >= 24) {
    reader.skip(17);
    // 55 bits of microseconds; the bit above says that the commit on the first server follows.
    const [low, high] = [reader.uint(4), reader.uint(3)];
    const micros = (high & 0x7fffff) * 2 ** 32 + low;
    const original = (high & 0x800000) !== 0 && reader.left >= 7 ? reader.uint(4) + reader.uint(3) * 2 ** 32 : micros;
    committedAt = original / 1000;
  }
  return { gtid: { uuid, number }, committedAt };
}

/** A QUERY event's default database and text. */
export function parseQuery(body: Buffer): { name: string; sql: string } {
  const reader = bytesReader(body);
  reader.skip(8);
  const length = reader.uint(1);
  reader.skip(2);
  reader.skip(reader.uint(2));
  const name = reader.take(length).toString("utf8");
  reader.skip(1);
  return { name, sql: reader.take(reader.left).toString("utf8") };
}
