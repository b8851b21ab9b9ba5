import { expect, test } from "vitest";
import { compileConfig } from "../../../src/config/load-config.ts";
import { positionsOf } from "../../../src/follow/standing.ts";
import { parsePosition } from "../../../src/mysql/gtid-set.ts";
import { broughtByFollow } from "../../../src/run/follow/brought-by-follow.ts";
import { chooseTables, refuseOthersAtWork } from "../../../src/run/follow/choose-tables.ts";
import { untilOf } from "../../../src/run/follow/until-of.ts";
import { type FollowRecord, newJournal } from "../../../src/run/journal.ts";

const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const to = (last: number): string => `MySQL56/${uuid}:1-${last}`;
const chunk = (table: string, last: number) => ({ table, range: { after: null, upTo: null }, position: to(last) });
const names = ["a", "b", "c"];
const chunks = [chunk("a", 9), chunk("b", 5), chunk("b", 9), chunk("c", 5)];
const plain = compileConfig({ version: 1 }, null, {});
const handed = compileConfig({ version: 1, handoff: { sourceKeyspace: "ext", follow: ["c"] } }, null, {});
const target = "vtgate://h:1/k";
const record = (more: Partial<FollowRecord>): FollowRecord => ({
  type: "follow",
  target,
  copy: "one",
  event: "stopped",
  tables: ["b"],
  position: to(9),
  at: "2026-11-26T00:00:00.000Z",
  ...more,
});

test("all tables are followed, or those that handoff.follow names; to the snapshot go what VReplication is to take", () => {
  expect(chooseTables(plain, names, chunks, to(9), false)).toEqual(names);
  expect(chooseTables(plain, names, chunks, to(9), true)).toEqual(names);
  expect(chooseTables(handed, names, chunks, to(9), false)).toEqual(["c"]);
  expect(chooseTables(handed, names, chunks, to(9), true)).toEqual(["b"]);
});

test("tables in a lane of VReplication are refused, unless they are brought to the snapshot before it starts", () => {
  const lane = (event: "prepared" | "started") =>
    newJournal([
      {
        type: "handoff",
        target,
        workflow: "w",
        event,
        tables: [{ source: "b", target: "b", lane: "streams" }],
      },
    ]);
  expect(() => refuseOthersAtWork(lane("started"), target, ["b"], "one", true)).toThrow("VReplication carries b on");
  expect(() => refuseOthersAtWork(lane("started"), target, ["c"], "one", false)).not.toThrow();
  expect(() => refuseOthersAtWork(lane("prepared"), target, ["b"], "one", true)).not.toThrow();
  expect(() => refuseOthersAtWork(lane("prepared"), target, ["b"], "one", false)).toThrow("or is to");
});

test("tables go on together as they began, and not after the finish", () => {
  const followed = newJournal([record({})]);
  expect(() => refuseOthersAtWork(followed, target, ["b"], "one", false)).not.toThrow();
  expect(() => refuseOthersAtWork(followed, target, ["b", "c"], "two", false)).toThrow(
    "followed together with other tables",
  );
  expect(() => refuseOthersAtWork(followed, target, ["c"], "two", false)).not.toThrow();
  const finished = newJournal([record({}), record({ event: "finished" })]);
  expect(() => refuseOthersAtWork(finished, target, ["b"], "one", false)).toThrow("was finished");
});

test("a handoff takes rows that follow brought to the newest snapshot, and none that it took further", () => {
  const copied = { position: to(9), chunks, rows: new Map() };
  const tables = [{ source: "a" }, { source: "b" }];
  const after = broughtByFollow(copied, tables, [record({})]);
  expect(after.chunks.filter(({ table }) => table === "b").map(({ position }) => position)).toEqual([to(9), to(9)]);
  expect(after.chunks.filter(({ table }) => table === "c")).toEqual([chunk("c", 5)]);
  expect(broughtByFollow(copied, tables, [])).toBe(copied);
  expect(() => broughtByFollow(copied, tables, [record({ position: to(12) })])).toThrow("has carried table b on");
  for (const event of ["started", "stopped"] as const) {
    expect(() => broughtByFollow(copied, tables, [record({ event, position: to(7) })])).toThrow("has not come there");
  }
});

test("an end that cannot be reached exactly is refused", () => {
  const tables = [positionsOf([parsePosition(to(5)), parsePosition(to(9))])];
  const shards = [{ applied: to(7), partial: null }];
  const until = (last: number, executed = 20) =>
    untilOf({ at: "position", position: to(last) }, tables, shards, to(executed));
  const half = [{ applied: to(7), partial: { gtid: `${uuid}:13`, done: 5 } }];
  expect(() => untilOf({ at: "position", position: to(12) }, tables, half, to(20))).toThrow("is beyond");
  expect(until(12)).toEqual({ position: to(12), exact: true });
  expect(untilOf({ at: "snapshot" }, tables, shards, to(20))).toEqual({ position: to(9), exact: true });
  expect(untilOf({ at: "caught-up" }, tables, shards, to(20))).toEqual({ position: to(20), exact: false });
  expect(untilOf({ at: "never" }, tables, shards, to(20))).toBeNull();
  expect(() => until(6)).toThrow("is beyond");
  expect(() => until(8)).toThrow("would be newer");
  expect(() => until(12, 10)).toThrow("has not all of");
});
