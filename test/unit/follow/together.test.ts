import { expect, test } from "vitest";
import { together } from "../../../src/follow/together.ts";
import type { LogItem } from "../../../src/mysql/binlog/read-log.ts";

const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const commit = (number: number): LogItem => ({ type: "commit", gtid: { uuid, number }, committedAt: 0 });
const numbers = (items: readonly LogItem[]): number[] =>
  items.map((item) => (item.type === "commit" ? item.gtid.number : 0));

test("what is ready comes together, and a wait ends a list", async () => {
  let come: () => void = () => {};
  const later = new Promise<void>((resolve) => {
    come = resolve;
  });
  async function* log(): AsyncGenerator<LogItem, void, void> {
    yield commit(1);
    yield commit(2);
    await later;
    yield commit(3);
  }
  const lists: number[][] = [];
  for await (const items of together(log())) {
    lists.push(numbers(items));
    come();
  }
  expect(lists).toEqual([[1, 2], [3]]);
});

test("an error comes after everything that was read before it", async () => {
  async function* log(): AsyncGenerator<LogItem, void, void> {
    yield commit(1);
    yield commit(2);
    throw new Error("purged");
  }
  const lists: number[][] = [];
  const reading = (async () => {
    for await (const items of together(log())) lists.push(numbers(items));
  })();
  await expect(reading).rejects.toThrow("purged");
  expect(lists.flat()).toEqual([1, 2]);
});

test("lists are of bounded length and lose nothing at their ends", async () => {
  async function* log(): AsyncGenerator<LogItem, void, void> {
    for (let number = 1; number <= 2500; number++) yield commit(number);
  }
  const lists: number[][] = [];
  for await (const items of together(log())) lists.push(numbers(items));
  expect(Math.max(...lists.map(({ length }) => length))).toBeLessThanOrEqual(1000);
  expect(lists.flat()).toEqual(Array.from({ length: 2500 }, (_, i) => i + 1));
});
