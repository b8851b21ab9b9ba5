import fc from "fast-check";
import { test } from "vitest";
import { newPaceController } from "../../../src/load/pace.ts";

const range = (most: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }))
    .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));

const bounds = fc.record({
  sessions: fc
    .integer({ min: 1, max: 40 })
    .chain((max) => fc.record({ max: fc.constant(max), start: fc.integer({ min: 1, max }) })),
  rows: range(10_000),
  bytes: range(8 << 20),
  memory: fc.integer({ min: 1, max: 64 << 20 }),
});

const observation = fc.oneof(
  fc.record({ what: fc.constant("leased" as const), waited: fc.boolean(), after: fc.integer({ min: 0, max: 1000 }) }),
  fc.record({
    what: fc.constant("answered" as const),
    rows: fc.integer({ min: 1, max: 10_000 }),
    bytes: fc.integer({ min: 1, max: 16 << 20 }),
    milliseconds: fc.oneof(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 120_000, noNaN: true }),
    ),
    comparable: fc.boolean(),
    stale: fc.boolean(),
    table: fc.constantFrom("a", "a", "a", "b"),
  }),
  fc.record({
    what: fc.constant("refused" as const),
    refusal: fc.constantFrom("places", "throttled", "payload", "time"),
  }),
);

/** Enough of the same in a row that windows close and trials begin. */
const observations = fc
  .array(fc.tuple(observation, fc.integer({ min: 1, max: 40 })), { maxLength: 60 })
  .map((runs) => runs.flatMap(([one, times]) => Array.from({ length: times }, () => one)));

test("whatever a target answers, the pace stays within its bounds and its memory", () => {
  fc.assert(
    fc.property(bounds, observations, (limits, seen) => {
      const told: { sessions: number; rows: number; bytes: number }[] = [];
      const controller = newPaceController(limits, (change) => told.push(change));
      let at = 0;
      let known = controller.pace;
      for (const one of seen) {
        if (one.what === "leased") {
          at += one.after;
          controller.leased(one.waited, at);
        } else if (one.what === "refused") controller.refused(one.refusal, controller.ticket, "a");
        else {
          const { stale, ...answer } = one;
          controller.leased(true, at);
          at += answer.milliseconds;
          controller.answered({ ...answer, at, ticket: controller.ticket - (stale ? 1 : 0) });
        }
        const { sessions, rows, bytes } = controller.pace;
        const inBounds =
          Number.isInteger(sessions) &&
          sessions >= 1 &&
          sessions <= limits.sessions.max &&
          Number.isInteger(rows) &&
          rows >= limits.rows.min &&
          rows <= limits.rows.max &&
          Number.isInteger(bytes) &&
          bytes >= limits.bytes.min &&
          bytes <= limits.bytes.max &&
          (bytes === limits.bytes.min || bytes * (sessions + 1) <= limits.memory);
        if (!inBounds) throw new Error(`${sessions} sessions, ${rows} rows, ${bytes} bytes`);
      }
      // What is told is never what was told before: nothing is told that has not changed.
      for (const change of told) {
        if (change.sessions === known.sessions && change.rows === known.rows && change.bytes === known.bytes) {
          throw new Error("told without a change");
        }
        known = change as typeof known;
      }
    }),
    { numRuns: 500 },
  );
});
