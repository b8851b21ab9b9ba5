import { describe, expect, test } from "vitest";
import { newPaceController } from "../../../src/load/pace.ts";
import { drive, mebibyte, type PacedTarget, usualPace } from "../../support/paced-target.ts";

const start = { sessions: 2, rows: 1000, bytes: mebibyte };

/** Work shared by `ways` statements at once, and something each statement costs however small it is. */
const server =
  (ways: number, eachMs: number, rowsPerMs: number): PacedTarget["milliseconds"] =>
  ({ sessions, rows }) =>
    eachMs + (rows / rowsPerMs) * Math.max(1, sessions / ways);

describe("the pace", () => {
  test("begins with 1000 rows, 1 MiB and two statements, within the bounds", () => {
    expect(newPaceController(usualPace).pace).toEqual(start);
    const narrow = { ...usualPace, rows: { min: 10, max: 50 }, bytes: { min: 1024, max: 2048 } };
    expect(newPaceController(narrow).pace).toEqual({ sessions: 2, rows: 50, bytes: 2048 });
  });

  test("leaves each statement less the more of them share the memory", () => {
    expect(newPaceController({ ...usualPace, memory: mebibyte }).pace.bytes).toBe(Math.floor(mebibyte / 3));
    expect(newPaceController({ ...usualPace, memory: 1000 }).pace.bytes).toBe(usualPace.bytes.min);
  });

  test("takes more statements at once where that is clearly faster, and no more than help", () => {
    const quiet = server(4, 10, 20);
    const world = drive({ milliseconds: (pace, at) => quiet(pace, at) * (1 + world.noise() / 5) });
    world.run(6000);
    expect(world.controller.pace.sessions).toBeGreaterThanOrEqual(4);
    expect(world.changes.every(({ because }) => because === "faster")).toBe(true);
    expect(world.changes[0]?.why).toMatch(/^\d\.\d\d times as fast/);
  });

  test("takes larger statements where each costs much however small it is", () => {
    const world = drive(
      { milliseconds: server(1, 150, 40) },
      { bounds: { ...usualPace, sessions: { start: 2, max: 2 } } },
    );
    world.run(2000);
    expect(world.controller.pace.rows).toBe(4000);
  });

  test("takes smaller ones where large ones cost more than their share", () => {
    const milliseconds = ({ rows }: { rows: number }): number => 5 + (rows / 200) ** 2;
    const world = drive({ milliseconds });
    world.run(4000);
    expect(world.controller.pace.rows).toBeLessThan(1000);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("stays where it is under noise, when nothing is faster (seed %i)", (seed) => {
    const world = drive(
      {
        // Any number of statements and any size give the same rows per second, plus or minus a half.
        milliseconds: ({ sessions, rows }) => (rows / 20) * sessions * (1 + world.noise() / 2),
      },
      { seed },
    );
    world.run(20_000);
    expect(world.changes.length).toBeLessThanOrEqual(2);
  });

  test("does not climb while rows are what is missing, or strategies take turns", () => {
    const answer = { rows: 1000, bytes: 400_000, milliseconds: 100, ticket: 0, comparable: true, table: "t" };
    for (const [waited, comparable] of [
      [false, true],
      [true, false],
    ] as const) {
      const controller = newPaceController(usualPace);
      for (let i = 0; i < 1000; i++) {
        controller.leased(waited, i * 100);
        // Faster whenever something else than the start is tried.
        const milliseconds = controller.pace.rows === 1000 ? 100 : 1;
        controller.answered({ ...answer, milliseconds, comparable, at: i * 100 + milliseconds });
        expect(controller.pace).toEqual(start);
      }
    }
  });

  test("has one statement less at a time where no place is left, and all of them back once there are", () => {
    let places = 1;
    const world = drive({
      milliseconds: server(1, 10, 20),
      refuses: (_, inFlight) => (inFlight > places ? "places" : null),
    });
    world.run(60);
    expect(world.controller.pace).toEqual({ ...start, sessions: 1 });
    expect(world.changes[0]).toMatchObject({ because: "refused", sessions: 1, rows: 1000, table: "t" });
    expect(world.changes[0]?.why).toContain("no place left");
    places = 100;
    world.run(2000);
    expect(world.controller.pace.sessions).toBe(2);
    expect(world.changes.at(-1)).toMatchObject({ because: "calm", sessions: 2 });
  });

  test("touches a limit that stays ever more rarely", () => {
    const world = drive({ milliseconds: server(1, 10, 20), refuses: (_, n) => (n > 1 ? "places" : null) });
    world.run(1000);
    const early = world.refusals();
    world.run(9000);
    const late = world.refusals() - early;
    expect(early).toBeLessThan(12);
    expect(late / 9).toBeLessThan(early / 2);
  });

  test.each([
    ["payload", { rows: 500, sessions: 2 }],
    ["time", { rows: 500, sessions: 2 }],
    ["places", { rows: 1000, sessions: 1 }],
    ["throttled", { rows: 1000, sessions: 1 }],
  ] as const)("answers %s with less of what it depends on", (refusal, less) => {
    const controller = newPaceController(usualPace);
    controller.refused(refusal, controller.ticket, "t");
    expect(controller.pace).toMatchObject(less);
  });

  test("is lowered once for statements that were on their way together", () => {
    const controller = newPaceController({ ...usualPace, sessions: { start: 8, max: 8 } });
    const { ticket } = controller;
    for (let i = 0; i < 8; i++) controller.refused("places", ticket, "t");
    expect(controller.pace.sessions).toBe(4);
  });

  test("goes back to smaller statements when answers take long, but for a single pause of the disk", () => {
    let slow = 0;
    const noLarger = { rows: { min: 100, max: 1000 }, bytes: { min: 65_536, max: mebibyte } };
    const world = drive(
      { milliseconds: ({ rows }) => (slow-- > 0 ? 3000 : rows / 10) },
      { bounds: { ...usualPace, ...noLarger, sessions: { start: 1, max: 1 } } },
    );
    world.run(20);
    slow = 1;
    world.run(5);
    expect(world.changes).toEqual([]);
    slow = 2;
    world.run(5);
    expect(world.controller.pace.rows).toBeLessThanOrEqual(500);
    expect(world.changes).toMatchObject([{ because: "slow", why: "an answer took 3.0 s" }]);
  });

  test("keeps answers below two seconds, whatever is faster", () => {
    // Larger statements would always be faster, but a row takes 1 ms.
    const world = drive(
      { milliseconds: ({ rows }) => 700 + rows },
      { bounds: { ...usualPace, sessions: { start: 1, max: 1 } } },
    );
    world.run(3000);
    expect(world.controller.pace.rows + 700).toBeLessThanOrEqual(2000);
  });
});
