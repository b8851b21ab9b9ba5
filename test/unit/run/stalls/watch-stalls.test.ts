import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { VtpipeError } from "../../../../src/contracts/errors.ts";
import type { RunEvent } from "../../../../src/contracts/events.ts";
import { counterWriter, newCounters } from "../../../../src/run/counters.ts";
import { newChunksInHand } from "../../../../src/run/stalls/in-hand.ts";
import { laneNotesWriter, newLaneNotes } from "../../../../src/run/stalls/lane-notes.ts";
import { watchStalls } from "../../../../src/run/stalls/watch-stalls.ts";
import { newStepNotes } from "../../../../src/run/step-notes.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched(more: { readonly filtered?: boolean; closed?: boolean } = {}) {
  const workers = [0, 1].map(() => ({ counters: newCounters(), lanes: newLaneNotes(), notes: newStepNotes() }));
  const inHand = newChunksInHand();
  const events: RunEvent[] = [];
  const ends: VtpipeError[] = [];
  const watch = watchStalls({
    ...{ workers, inHand, shards: ["-80", "80-"], stallSeconds: 600 },
    isClosed: () => more.closed ?? false,
    isFiltered: () => more.filtered ?? false,
    queued: () => ({ waiting: 3, held: 2 }),
    emit: (event) => void events.push(event),
    end: (error) => void ends.push(error),
  });
  const at = (worker: number) => workers[worker] as (typeof workers)[number];
  return {
    ...{ inHand, events, ends, watch },
    notes: (worker: number) => laneNotesWriter(at(worker).lanes),
    count: (worker: number) => counterWriter(at(worker).counters),
  };
}

test("a load that shards do not answer is told of with everything that waits, then ended by name", () => {
  const { inHand, events, ends, notes, count, watch } = watched();
  inHand.give(1, "loading", "orders", "0002-000007");
  notes(1).at("loading", "target");
  notes(1).inFlight(1, 4, Date.now());
  // The other worker is at work: its chunk is not what stands still.
  inHand.give(0, "reading", "people", "0001-000009");
  notes(0).at("reading", "source");
  const working = setInterval(() => count(0)("rowsRead", 1), 1000);
  vi.advanceTimersByTime(120_000);
  expect(events).toMatchObject([
    {
      ...{ type: "stalled", worker: 1, way: "loading", table: "orders", chunk: "0002-000007", stage: "the target" },
      seconds: 60,
      picture: {
        workers: [
          { worker: 0, chunks: [{ way: "reading", stage: "the source" }], inFlight: [] },
          { worker: 1, chunks: [{ way: "loading" }], inFlight: [{ shard: "80-", statements: 4 }] },
        ],
        ...{ chunksWaiting: 3, chunksHeld: 2 },
      },
    },
  ]);
  expect(events[0]).toMatchObject({ text: expect.stringContaining("4 statements at shard 80-") });
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(600_000);
  clearInterval(working);
  watch[Symbol.dispose]();
  expect(ends).toHaveLength(1);
  expect(ends[0]).toMatchObject({ code: "target", retryable: true, context: { table: "orders", worker: 1 } });
  expect(ends[0]?.message).toBe(
    "Loading chunk 0002-000007 of table orders (worker 1) has made no progress for 600 s, at the target.",
  );
  expect(ends[0]?.now).toContain("every finished chunk is recorded");
  expect(ends[0]?.todo).toContain("stallSeconds");
});

test("limits, the valve and a transform's own limit excuse silence", () => {
  const byLimit = watched({ closed: true });
  byLimit.inHand.give(0, "reading", "t", "1");
  byLimit.notes(0).at("reading", "source");
  const atValve = watched();
  atValve.inHand.give(0, "reading", "t", "1");
  atValve.notes(0).at("reading", "valve");
  vi.advanceTimersByTime(3_600_000);
  expect([...byLimit.events, ...byLimit.ends, ...atValve.events, ...atValve.ends]).toEqual([]);
});

test("rows that have to pass a condition are only warned of: the source may look for the next one for long", () => {
  const { inHand, events, ends, notes } = watched({ filtered: true });
  inHand.give(0, "reading", "t", "1");
  notes(0).at("reading", "source");
  vi.advanceTimersByTime(3_600_000);
  expect(events.map((event) => event.type === "stalled" && event.seconds)).toEqual([60, 600]);
  expect(ends).toEqual([]);
});

test("a chunk that came back is not waited for", () => {
  const { inHand, events, ends } = watched();
  const given = inHand.give(0, "reading", "t", "1");
  vi.advanceTimersByTime(45_000);
  given[Symbol.dispose]();
  vi.advanceTimersByTime(3_600_000);
  expect([...events, ...ends]).toEqual([]);
  expect(inHand.count("reading")).toBe(0);
});
