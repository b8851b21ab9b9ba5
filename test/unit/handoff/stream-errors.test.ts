import { expect, test } from "vitest";
import { streamState, streamTrouble } from "../../../src/handoff/stream-errors.ts";

/** As Vitess 24 and MySQL write them. */
const said: readonly (readonly [kind: string, message: string])[] = [
  [
    "duplicate-row",
    "terminal error: task error: failed inserting rows: Duplicate entry '7' for key 'pages.PRIMARY' (errno 1062) (sqlstate 23000) during query: insert into pages(id,body) values (7,'Access denied')",
  ],
  [
    "binlogs-purged",
    "error in vstream: stream (at source tablet) error @ (including the GTID we failed to process) 5f5a:1-9: Cannot replicate because the source purged required binary logs. Replicate the missing transactions from elsewhere (errno 1236) (sqlstate HY000)",
  ],
  ["binlogs-purged", "the source has purged required GTIDs (errno 1789) (sqlstate HY000)"],
  [
    "source-schema-changed",
    "stream (at source tablet) error @ 5f5a:1-9: cannot determine table columns for pages: event has [8 15], schema has [name:id]",
  ],
  ["source-schema-changed", "terminal error: column state not found in table orders"],
  [
    "target-schema-differs",
    "terminal error: Unknown column 'note' in 'field list' (errno 1054) (sqlstate 42S22) during query: insert into t(note) values (_binary'x')",
  ],
  ["target-schema-differs", "terminal error: Table 'vt_main.gone' doesn't exist (errno 1146) (sqlstate 42S02)"],
  ["stopped-at-ddl", "Stopped at DDL alter table pages add column x int"],
  ["access", "Access denied for user 'vt_filtered'@'localhost' (errno 1045) (sqlstate 28000)"],
  [
    "read-only",
    "terminal error: The MySQL server is running with the --super-read-only option so it cannot execute this statement (errno 1290) (sqlstate HY000)",
  ],
  ["lock", "Deadlock found when trying to get lock; try restarting transaction (errno 1213) (sqlstate 40001)"],
  ["lock", "Lock wait timeout exceeded; try restarting transaction (errno 1205) (sqlstate HY000)"],
  [
    "foreign-key",
    "terminal error: Cannot add or update a child row: a foreign key constraint fails (errno 1452) (sqlstate 23000)",
  ],
  ["value-does-not-fit", "terminal error: Data too long for column 'name' at row 1 (errno 1406) (sqlstate 22001)"],
  ["row-image", "partial row image encountered: ensure binlog_row_image is set to 'full'"],
  ["statement-in-log", 'filter rules are not supported for SBR replication: [match:"pages"]'],
  ["tablet-types", "Error creating tablet picker: failed to parse list of tablet types: replicas"],
  ["no-source-tablet", "Error picking tablet: context has expired"],
  ["throttled", "vstreamer has been fully throttled for more than 10m0s, giving up so that we can retry"],
  ["target-slow", "progress stalled; vplayer was unable to replicate the transaction in a timely manner; examine"],
  ["connection", "vttablet: rpc error: code = Unavailable desc = connection error"],
  ["connection", "vstream ended"],
];

test.each(said)("%s: %s", (kind, message) => {
  const trouble = streamTrouble(message.startsWith("terminal error") ? "Error" : "Running", message);
  expect(trouble?.kind).toBe(kind);
  expect(trouble?.retried).toBe(!message.startsWith("terminal error"));
  for (const text of [trouble?.meaning, trouble?.todo]) expect(text).toMatch(/^[A-Z].+\.$/);
});

test("a stream that has given up for an unknown reason is told so, and one that tries again likewise", () => {
  expect(streamTrouble("Error", "terminal error: the moon is full")).toMatchObject({ kind: "other", retried: false });
  expect(streamTrouble("Error", "")).toMatchObject({ kind: "other", retried: false });
  expect(streamTrouble("Retrying", "error: the moon is full")).toMatchObject({ kind: "other", retried: true });
});

test.each([
  ["Running", ""],
  ["Running", 'Picked source tablet: cell:"zone1" uid:100'],
  ["Stopped", "Stopped at position 5f5a:1-9"],
  ["Stopped", "FROZEN"],
  ["Stopped", "switched by vtpipe at MySQL56/5f5a:1-9"],
])("no trouble: %s %s", (state, message) => {
  expect(streamTrouble(state, message)).toBeNull();
});

test("the row that a statement carried is not shown", () => {
  const trouble = streamTrouble(
    "Error",
    "terminal error: Data too long for column 'a' (errno 1406) during query: insert into t values ('secret')",
  );
  expect(trouble?.message).toBe("Data too long for column 'a' (errno 1406)");
});

test("vtctld shows Error for whatever has the word in it; only what Vitess gave up is in it", () => {
  expect(streamState("Error", "terminal error: Duplicate entry")).toBe("Error");
  expect(streamState("Error", "Error picking tablet: context has expired")).toBe("Retrying");
  expect(streamState("Running", "")).toBe("Running");
});
