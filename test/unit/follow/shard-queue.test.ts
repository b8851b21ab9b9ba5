import { expect, test } from "vitest";
import type { RowChange, ShardItem } from "../../../src/follow/changes.ts";
import { cutOf, newShardQueue } from "../../../src/follow/shard-queue.ts";

const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const change: RowChange = { table: "t", before: null, after: null, idempotent: false };
/** `c` a change of 10 bytes, `|` the end of a transaction. */
const items = (text: string): ShardItem[] =>
  [...text].map((sign) =>
    sign === "c"
      ? { type: "change", gtid: { uuid, number: 1 }, change, bytes: 10 }
      : { type: "commit", gtids: new Map(), count: 1, committedAt: 0 },
  );
const cut = (text: string, rows: number, ended = false): number => cutOf(items(text), { rows, bytes: 1e6 }, ended);

test("whole transactions go together as long as they fit", () => {
  expect(cut("cc|c|", 10)).toBe(5);
  expect(cut("cc|cc|", 3)).toBe(3);
  expect(cut("cc|c", 10)).toBe(3);
});

test("a transaction waits for its end unless it fits in no batch", () => {
  expect(cut("cc", 10)).toBe(0);
  expect(cut("ccccc", 3)).toBe(3);
  expect(cut("ccc", 3)).toBe(3);
  expect(cut("ccccc|", 3)).toBe(3);
  expect(cutOf(items("ccc"), { rows: 100, bytes: 20 }, false)).toBe(2);
  expect(cutOf(items("c"), { rows: 100, bytes: 5 }, false)).toBe(1);
});

test("what is half read at the end does not go out", async () => {
  expect(cut("cc", 10, true)).toBe(0);
  const queue = newShardQueue();
  queue.change({ uuid, number: 1 }, change);
  queue.end();
  expect(await queue.take({ rows: 10, bytes: 1e6 })).toBeNull();
});

test("ends of transactions that did nothing here are one, and come with what was before them", async () => {
  const queue = newShardQueue();
  queue.change({ uuid, number: 1 }, change);
  for (const number of [1, 2, 3]) queue.commit({ uuid, number }, number);
  const taken = await queue.take({ rows: 10, bytes: 1e6 });
  expect(taken).toMatchObject([{ type: "change" }, { type: "commit", count: 3, committedAt: 3 }]);
});

test("a full queue holds its reader until there is room, and a failure ends both sides", async () => {
  const queue = newShardQueue();
  const bytes = Buffer.alloc(17 << 20);
  const large = { batch: { bytes, offsets: Uint32Array.of(0, bytes.length), rows: 1 }, row: 0 };
  queue.change({ uuid, number: 1 }, { ...change, after: large });
  queue.commit({ uuid, number: 1 }, 0);
  let free = false;
  const room = queue.room().then(() => {
    free = true;
  });
  await Promise.resolve();
  expect(free).toBe(false);
  await queue.take({ rows: 10, bytes: 1e6 });
  await room;
  queue.abort(new Error("over"));
  await expect(queue.room()).rejects.toThrow("over");
  await expect(queue.take({ rows: 10, bytes: 1e6 })).rejects.toThrow("over");
});
