import { expect, test } from "vitest";
import { sourceLagVerdict, threadsVerdict } from "../../../../src/run/limits/look-at-source.ts";
import { namesOfUs, targetLagVerdict, throttlerVerdict } from "../../../../src/run/limits/look-at-target.ts";

const running = (count: number) => [{ Variable_name: "Threads_running", Value: String(count) }];

test.each([
  { threads: 26, readers: 0, observed: 25, over: false },
  { threads: 27, readers: 0, observed: 26, over: true },
  { threads: 31, readers: 4, observed: 26, over: true },
  { threads: 30, readers: 4, observed: 25, over: false },
  { threads: 3, readers: 4, observed: 0, over: false },
])(
  "$threads threads, $readers of them ours and one that asks: $observed against 25",
  ({ threads, readers, ...seen }) => {
    expect(threadsVerdict(running(threads), 25, readers)).toMatchObject(seen);
  },
);

test("a source that does not answer says nothing of its threads", () => {
  expect(threadsVerdict([], 25, 0)).toMatchObject({ observed: null, over: null });
});

const channel = (lag: string | null, applier = "Yes") => ({
  ...{ Replica_IO_Running: "Yes", Replica_SQL_Running: applier, Seconds_Behind_Source: lag },
});

test.each([
  { what: "no replica", rows: [], observed: 0, over: false },
  { what: "the worst of two channels", rows: [channel("3"), channel("11")], observed: 11, over: true },
  { what: "at the limit", rows: [channel("10")], observed: 10, over: false },
  { what: "an applier stopped on purpose", rows: [channel(null, "No")], observed: 0, over: false },
  { what: "an applier whose source is away", rows: [channel("2"), channel(null)], observed: null, over: null },
  { what: "no right to ask", rows: null, observed: null, over: null },
  {
    what: "a server with the older names",
    rows: [{ Slave_SQL_Running: "Yes", Seconds_Behind_Master: "30" }],
    observed: 30,
    over: true,
  },
])("lag of the source: $what", ({ rows, observed, over }) => {
  expect(sourceLagVerdict(rows, 10)).toMatchObject({ observed, over });
});

/** As `SHOW VITESS_REPLICATION_STATUS` of vtgate gives them (showVitessReplicationStatus in go/vt/vtgate/executor.go). */
const replica = (lag: string, more: Record<string, string> = {}) => ({
  ...{ Keyspace: "main", Shard: "-80", TabletType: "REPLICA", Alias: "zone1-0000000101", Hostname: "127.0.0.1" },
  ...{ ReplicationSource: "127.0.0.1:13307", ReplicationLag: lag, ThrottlerStatus: "" },
  ReplicationHealth: '{"EventStreamRunning":"Yes","EventApplierRunning":"Yes","LastError":""}',
  ...more,
});

test.each([
  { what: "no replicas", rows: [], observed: null, over: false },
  { what: "the worst of three", rows: [replica("0"), replica("14"), replica("2")], observed: 14, over: true },
  {
    what: "one that tells nothing beside one that does",
    rows: [replica("-1"), replica("4")],
    observed: 4,
    over: false,
  },
  { what: "replication that does not run", rows: [replica("NULL")], observed: null, over: null },
  { what: "tablets that gave no answer", rows: [replica("-1"), replica("-1")], observed: null, over: null },
  { what: "no answer of vtgate", rows: null, observed: null, over: null },
])("lag of the target: $what", ({ rows, observed, over }) => {
  expect(targetLagVerdict(rows, 10)).toMatchObject({ observed, over });
});

test("the replica that is furthest behind is named", () => {
  const rows = [replica("3"), replica("99", { Shard: "80-", Alias: "zone1-0000000201" })];
  expect(targetLagVerdict(rows, 10).text).toBe("replica zone1-0000000201 of shard 80- is 99 s behind, limit 10 s");
});

const status = (state: string, message = "") =>
  replica("0", { ThrottlerStatus: `{"state":"${state}","load":120.00,"message":"${message}"}` });

test.each([
  { what: "no throttler", rows: [replica("0")], over: false },
  { what: "one that lets pass", rows: [status("OK")], over: false },
  { what: "one that does not", rows: [status("OK"), status("Too Many Requests", "lag 12 > 5")], over: true },
  { what: "an answer that is no JSON", rows: [replica("0", { ThrottlerStatus: "{" })], over: false },
  { what: "no answer", rows: null, over: null },
])("throttlers of replicas: $what", ({ rows, over }) => {
  expect(throttlerVerdict(rows, [])).toMatchObject({ over });
});

test("apps throttled by hand count when they are we, or all", () => {
  const app = (name: string) => ({ app: name, expire_at: "2026-11-27 16:00:00", ratio: "1" });
  expect(namesOfUs([app("online-ddl"), app("vtpipe"), app("all")])).toEqual(["vtpipe", "all"]);
  expect(throttlerVerdict([], ["vtpipe"])).toMatchObject({ over: true, text: expect.stringContaining("app vtpipe") });
  expect(throttlerVerdict([], namesOfUs([app("vreplication")]))).toMatchObject({ over: false });
});

test("what a throttler that was asked has answered is told in its words", () => {
  const said = ["shard -80: metric lag value 31 exceeds threshold 5"];
  expect(throttlerVerdict([], [], said).text).toContain("metric lag value 31 exceeds threshold 5");
});
