import { expect, test } from "vitest";
import { newWaitingLine } from "../../../src/run/waiting-line.ts";

test("items come out in the order they went in, to takers that came before or after them", async () => {
  const line = newWaitingLine<number>();
  const early = line.take();
  line.put(1);
  line.put(2);
  line.put(3);
  expect([await early, await line.take(), await line.take()]).toEqual([1, 2, 3]);
});

test("close hands out what is left, then null, also to those who wait", async () => {
  const line = newWaitingLine<string>();
  line.put("last");
  line.close();
  expect([await line.take(), await line.take()]).toEqual(["last", null]);
  const empty = newWaitingLine<string>();
  const waiting = empty.take();
  empty.close();
  expect(await waiting).toBeNull();
});

test("room waits until fewer than max items are in the line", async () => {
  const line = newWaitingLine<number>();
  line.put(1);
  line.put(2);
  let let_in = false;
  const room = line.room(2).then(() => {
    let_in = true;
  });
  await Promise.resolve();
  expect(let_in).toBe(false);
  await line.take();
  await room;
  expect(let_in).toBe(true);
});

test("close lets those in who wait for room: nobody waits for a line that has ended", async () => {
  const line = newWaitingLine<number>();
  line.put(1);
  const room = line.room(1);
  line.close();
  await expect(room).resolves.toBeUndefined();
});
