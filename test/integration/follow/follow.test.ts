import { afterAll, beforeAll, expect, test } from "vitest";
import { type BusyFollow, newBusyFollow } from "../../support/busy-follow.ts";
import { startWriter } from "../../support/busy-writer.ts";

let follow: BusyFollow;
beforeAll(async () => {
  follow = await newBusyFollow("fl_busy");
});
afterAll(() => follow?.[Symbol.asyncDispose]());

test("a copy under a writer is followed until Ctrl-C, and is the source then, byte for byte", async () => {
  await using writer = await startWriter({ ...follow.busy, seed: "follow", sessions: 4, perSecond: 300 });
  await writer.more(50);
  await follow.succeeds("run", "--no-verify");
  await writer.more(300);
  let stopped = false;
  const result = follow.run(["follow"], {
    signals: [{ signal: "SIGINT", when: () => stopped }],
  });
  await writer.more(500);
  const { transactions } = await writer.stop();
  expect(transactions).toBeGreaterThan(800);
  await follow.same(60);
  stopped = true;
  const { exitCode, error, events } = await result;
  expect(error).toMatchObject({ code: "interrupted", now: expect.stringContaining("MySQL56/") });
  expect(exitCode).toBe(130);
  expect(events.some((event) => event.type === "follow")).toBe(true);
}, 600_000);
