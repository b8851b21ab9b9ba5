import { describe, expect, test } from "vitest";
import { lookAt, type SourceLook, streamStatus, throttledNow } from "../../../src/handoff/stream-status.ts";
import type { StreamView } from "../../../src/handoff/view.ts";
import { parsePosition } from "../../../src/mysql/gtid-set.ts";
import { stream } from "./view.ts";

const uuid = "5f5a1c00-0000-0000-0000-000000000001";
const to = (number: number): string => `MySQL56/${uuid}:1-${number}`;
const source = (at: number, executed: number): SourceLook => ({ at, executed: parsePosition(to(executed)) });

/** Looks at a stream one after the other; what the last one says. */
function afterLooks(...looks: readonly { at: number; source: number; stream: Partial<StreamView> }[]) {
  const [last, ...before] = looks.toReversed();
  if (last === undefined) throw new Error("no look");
  const past = before.reverse();
  return streamStatus(stream(last.stream), {
    into: "main/-80",
    source: source(last.at, last.source),
    sourceLooks: past.map((look) => source(look.at, look.source)),
    streamLooks: past.flatMap((look) => lookAt(stream(look.stream), source(look.at, look.source)) ?? []),
    throttled: null,
  });
}

describe("how far behind", () => {
  test("transactions are counted exactly, over all servers in the position", () => {
    const other = "5f5a1c00-0000-0000-0000-000000000002";
    const status = streamStatus(stream({ position: to(90) }), {
      into: "main/-80",
      source: { at: 100, executed: parsePosition(`${to(100)},${other}:1-5`) },
      ...{ sourceLooks: [], streamLooks: [], throttled: null },
    });
    expect(status.transactionsBehind).toBe(15);
  });

  test("a stream that has everything is caught up, however long ago its last transaction was", () => {
    const status = afterLooks({ at: 100_000, source: 10, stream: { position: to(10), transactionAt: 5 } });
    expect(status).toMatchObject({ trend: "caught-up", transactionsBehind: 0, secondsBehind: 0, etaSeconds: 0 });
  });

  test("the first transaction after an hour's idleness is not an hour of lag", () => {
    const idle = { source: 10, stream: { position: to(10), transactionAt: 1000 } };
    const status = afterLooks({ at: 4600, ...idle }, { at: 4602, ...idle, source: 11 });
    expect(status).toMatchObject({ transactionsBehind: 1, secondsBehind: 2, trend: "caught-up" });
  });

  test("seen for the first time, it is judged by its last transaction", () => {
    const status = afterLooks({ at: 1000, source: 500, stream: { position: to(10), transactionAt: 900 } });
    expect(status).toMatchObject({
      secondsBehind: 100,
      transactionsPerSecond: null,
      etaSeconds: null,
      trend: "unknown",
    });
  });

  test("a stream that never applied anything has no lag in seconds", () => {
    const status = afterLooks({ at: 1000, source: 20, stream: { position: to(10), state: "Stopped" } });
    expect(status).toMatchObject({ transactionsBehind: 10, secondsBehind: null, trend: "idle" });
  });

  test("a stream with an end is behind that, not behind the source", () => {
    const status = afterLooks({ at: 1000, source: 5000, stream: { position: to(10), stopPosition: to(30) } });
    expect(status.transactionsBehind).toBe(20);
  });

  test("the streams of a switched workflow stand where they are, and that is no lag", () => {
    const status = afterLooks({
      at: 1000,
      source: 50,
      stream: { position: to(10), state: "Stopped", message: "FROZEN" },
    });
    expect(status).toMatchObject({ transactionsBehind: null, secondsBehind: null, trend: "idle", trouble: null });
  });

  test.each(["", "MySQL56/5f5a1c00-0000-0000-0000-000000000001:tag:1-5"])(
    "a position %j is not counted",
    (position) => {
      expect(afterLooks({ at: 1, source: 5, stream: { position } })).toMatchObject({
        transactionsBehind: null,
        trend: "unknown",
      });
    },
  );
});

describe("where it is going", () => {
  const at = (position: number) => ({ position: to(position), transactionAt: 1 });

  test("gaining: the time left is what is left by what it gains, not by what it applies", () => {
    const status = afterLooks(
      { at: 1000, source: 1000, stream: at(100) },
      { at: 1010, source: 1500, stream: at(1100) },
    );
    expect(status).toMatchObject({
      trend: "gaining",
      transactionsBehind: 400,
      transactionsPerSecond: 100,
      etaSeconds: 8,
    });
  });

  test("falling behind: it applies, and the source is faster; there is no time left to tell", () => {
    const status = afterLooks({ at: 1000, source: 1000, stream: at(100) }, { at: 1010, source: 3000, stream: at(300) });
    expect(status).toMatchObject({ trend: "falling-behind", transactionsPerSecond: 20, etaSeconds: null });
  });

  test("standing still is told from being at a large transaction by its length", () => {
    const first = { at: 1000, source: 1000, stream: at(100) };
    expect(afterLooks(first, { ...first, at: 1004 }).trend).toBe("unknown");
    expect(afterLooks(first, { ...first, at: 1020 })).toMatchObject({ trend: "stalled", etaSeconds: null });
  });
});

test("throttled is who was throttled when it last said anything, not who ever was", () => {
  const throttled = { by: "vplayer", at: 500 };
  expect(throttledNow(stream({ throttled, updatedAt: 500 }))).toBe(true);
  expect(throttledNow(stream({ throttled, updatedAt: 520 }))).toBe(false);
  expect(throttledNow(stream({ throttled, updatedAt: 500, state: "Stopped" }))).toBe(false);
  expect(throttledNow(stream({ updatedAt: 500 }))).toBe(false);
});
