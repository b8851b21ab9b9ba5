import { expect, test } from "vitest";
import type { Session } from "../../../src/mysql/session.ts";
import { onEveryShard, targetOver } from "../../../src/verify/target.ts";

const session = (connectionId: number): Session => ({ connectionId }) as Session;

function newGate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test("a session is lent to one at a time, in the order of asking", async () => {
  const target = targetOver(new Map([["-80", [session(1), session(2)]]]));
  expect(target.concurrency).toBe(2);
  const log: string[] = [];
  const open = [0, 1, 2, 3].map(newGate);
  const works = open.map((gate, index) =>
    target.withSession("-80", async ({ connectionId }) => {
      log.push(`${index} on ${connectionId}`);
      await gate.promise;
    }),
  );
  await new Promise(setImmediate);
  expect(log).toEqual(["0 on 2", "1 on 1"]);
  open[1]?.resolve();
  await works[1];
  await new Promise(setImmediate);
  expect(log).toEqual(["0 on 2", "1 on 1", "2 on 1"]);
  for (const gate of open) gate.resolve();
  await Promise.all(works);
  expect(log).toHaveLength(4);
});

test("a session comes back after a failure, and the others are waited for", async () => {
  const target = targetOver(
    new Map([
      ["-80", [session(1)]],
      ["80-", [session(2)]],
    ]),
  );
  let slowEnded = false;
  const failing = onEveryShard(target, async ({ connectionId }) => {
    if (connectionId === 1) throw new Error("lost");
    await new Promise((resolve) => setTimeout(resolve, 5));
    slowEnded = true;
  });
  await expect(failing).rejects.toThrow("lost");
  expect(slowEnded).toBe(true);
  expect(await onEveryShard(target, async ({ connectionId }) => connectionId)).toEqual([1, 2]);
});
