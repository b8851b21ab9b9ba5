import { expect, test } from "vitest";
import { type BinlogKeeping, binlogClock, type Needed } from "../../../src/handoff/binlog-clock.ts";
import { parsePosition } from "../../../src/mysql/gtid-set.ts";

const set = (text: string) => parsePosition(`5f5a1c00-0000-0000-0000-000000000001:${text}`);
const day = 86_400;

const clock = (keeping: Partial<BinlogKeeping>, ...needed: Partial<Needed>[]) =>
  binlogClock(
    "ext/0",
    { purged: set("1-50"), expireSeconds: day, autoPurge: true, ...keeping },
    needed.map((need) => ({ position: set("1-100"), ageSeconds: 0, ...need })),
  );

test("what is left is counted from the slowest stream", () => {
  const found = clock({}, { ageSeconds: 3600 }, { ageSeconds: 7200 });
  expect(found).toMatchObject({ state: "counting", secondsLeft: day - 7200, todo: null });
  expect(found.text).toContain("22 hours");
});

test("few hours are a warning with something to do", () => {
  expect(clock({}, { ageSeconds: day - 6 * 3600 }).todo).toBeNull();
  expect(clock({}, { ageSeconds: day - 6 * 3600 + 1 }).todo).toContain("binlog_expire_logs_seconds");
});

test("expired logs are there until the server rotates, which may be any time", () => {
  expect(clock({}, { ageSeconds: day })).toMatchObject({ state: "due", secondsLeft: null });
});

test("what was purged and not seen is lost, whatever the settings say", () => {
  const found = clock({ purged: set("1-105"), autoPurge: false }, {}, { position: set("1-104") });
  expect(found).toMatchObject({ state: "lost" });
  expect(found.text).toContain("5 transactions");
});

test.each([
  [{ autoPurge: false }, "auto_purge is OFF"],
  [{ expireSeconds: 0 }, "seconds is 0"],
])("a server that purges nothing by itself says so: %o", (keeping, words) => {
  const found = clock(keeping, { ageSeconds: 30 * day });
  expect(found).toMatchObject({ state: "kept", todo: null });
  expect(found.text).toContain(words);
});

test("nothing is claimed that is not known", () => {
  expect(clock({ expireSeconds: null }, {}).state).toBe("unknown");
  expect(clock({}, { ageSeconds: 5 }, { ageSeconds: null }).state).toBe("unknown");
});
