import { expect, test } from "vitest";
import { checkBinaryLog } from "../../../../src/handoff/preflight/binary-log.ts";
import { checkDirectWriters } from "../../../../src/handoff/preflight/direct-writers.ts";
import { checkGtids } from "../../../../src/handoff/preflight/gtids.ts";
import { checkRetention } from "../../../../src/handoff/preflight/retention.ts";
import { runHandoffChecks } from "../../../../src/handoff/preflight/run-checks.ts";
import { checkSourceIdentity } from "../../../../src/handoff/preflight/source-identity.ts";
import { checkTargetServers } from "../../../../src/handoff/preflight/target-servers.ts";
import { zonesIn } from "../../../../src/handoff/preflight/zones.ts";
import { aView, workflow } from "../view.ts";
import { checked, found, otherUuid, server, someFacts, targetServer, uuid } from "./facts.ts";

test("nothing is found where everything is as it should be, before the copy and after it", () => {
  expect(runHandoffChecks(someFacts())).toEqual([]);
  expect(runHandoffChecks(someFacts({ moment: "handoff" }))).toEqual([]);
});

test.each([
  [{ log_bin: "OFF" }, "binary-log-off"],
  [{ binlog_format: "STATEMENT" }, "binary-log-format"],
  [{ binlog_row_image: "NOBLOB" }, "binary-log-row-image"],
])("a source with %j is refused", (variables, code) => {
  expect(found(checkBinaryLog, someFacts({ servers: [server({}, variables)] }))).toEqual([`refusal ${code}`]);
});

test("a replica that streams read from has to log what it replicates; a primary need not", () => {
  const replica = server({ tablet: "zone1-0000000101", primary: false }, { log_replica_updates: "OFF" });
  const primary = server({}, { log_replica_updates: "OFF" });
  const findings = checkBinaryLog(someFacts({ servers: [primary, replica] }));
  expect(findings.map(({ text }) => text)).toEqual([
    "The replica at zone1-0000000101 does not log what it replicates (log_replica_updates): streams read nothing there.",
  ]);
});

test("GTIDs have to be on and without tags, wherever a tag is", () => {
  expect(found(checkGtids, someFacts({ servers: [server({}, { gtid_mode: "ON_PERMISSIVE" })] }))).toEqual([
    "refusal gtid-off",
  ]);
  const tagged = `${uuid}:1-10:audit:1-2`;
  for (const facts of [
    someFacts({ servers: [server({ executed: tagged })] }),
    someFacts({ servers: [server({ purged: tagged })] }),
    someFacts({ source: { ...someFacts().source, executed: tagged }, position: tagged }),
  ]) {
    expect(found(checkGtids, facts)).toEqual(["refusal gtid-tagged"]);
    expect(checkGtids(facts)[0]?.text).toContain("(audit)");
  }
});

test("a name that Vitess cannot read is refused, on the source and on the target, whether its table moves or not", () => {
  const odd = someFacts({
    servers: [server({ unreadable: ["odd`one"] })],
    targets: [targetServer({ unreadable: ["b`"] })],
  });
  expect(runHandoffChecks(odd).map(({ code }) => code)).toEqual(["name-unreadable", "name-unreadable"]);
  expect(runHandoffChecks(odd)[0]?.text).toContain("Database commerce at zone1-0000000100 has tables");
});

test("logs that begin after the copy's position are refused, on any server that streams may read from", () => {
  const replica = server({ tablet: "zone1-0000000101", primary: false, purged: `${uuid}:1-11` });
  const after = someFacts({ moment: "handoff", servers: [server(), replica] });
  expect(checkGtids(after).map(({ text }) => text)).toEqual([
    "The server of zone1-0000000101 has purged binary logs with transactions after the copy's position: what they changed is lost to VReplication.",
  ]);
  expect(found(checkGtids, { ...after, position: `MySQL56/${uuid}:1-11` })).toEqual([]);
});

test("retention shorter than the copy is refused, and one that is hardly longer is warned of, with the numbers", () => {
  const keeping = (seconds: string, more: Readonly<Record<string, string>> = {}) =>
    someFacts({
      servers: [server({}, { binlog_expire_logs_seconds: seconds, ...more })],
      forecast: { bytes: 2 ** 40, rate: 8_000_000 },
    });
  expect(checkRetention(keeping("86400"))[0]).toMatchObject({
    severity: "refusal",
    text: "The copy of about 1.0 TiB at 7.6 MiB/s takes about 38 h, and the source's binary logs have to reach back to its beginning; the server of zone1-0000000100 keeps them for 24 h.",
    todo: "SET PERSIST binlog_expire_logs_seconds to 412317 or more until traffic is switched.",
  });
  expect(found(checkRetention, keeping("172800"))).toEqual(["warning retention"]);
  expect(found(checkRetention, keeping("2592000"))).toEqual([]);
  expect(found(checkRetention, keeping("0"))).toEqual([]);
  expect(found(checkRetention, keeping("60", { binlog_expire_logs_auto_purge: "OFF" }))).toEqual([]);
});

test("rows have to come from the server behind the source's tablet, and from its database", () => {
  const facts = someFacts();
  const elsewhere = { ...facts.source, serverUuid: otherUuid, executed: `${otherUuid}:1-4` };
  expect(found(checkSourceIdentity, { ...facts, source: elsewhere })).toEqual(["refusal source-mismatch"]);
  expect(found(checkSourceIdentity, { ...facts, source: { ...elsewhere, executed: "" } })).toEqual([
    "refusal source-mismatch",
  ]);
  expect(checkSourceIdentity({ ...facts, source: { ...facts.source, database: "shop" } })[0]?.text).toBe(
    "Rows are read from database shop, and zone1-0000000100 of keyspace ext serves database commerce.",
  );
});

test("a replica of that server will do, and is told of; one with a tablet of its own is nothing to tell", () => {
  const facts = someFacts();
  const replica = { ...facts.source, serverUuid: otherUuid, executed: `${uuid}:1-9` };
  expect(found(checkSourceIdentity, { ...facts, source: replica })).toEqual(["warning source-is-replica"]);
  const behind = server({ tablet: "zone1-0000000101", primary: false }, { server_uuid: otherUuid });
  expect(found(checkSourceIdentity, { ...facts, source: replica, servers: [server(), behind] })).toEqual([]);
});

test("a sharded source keyspace is refused: rows are read from one server", () => {
  const view = aView();
  const [shard] = view.sourceShards;
  if (shard === undefined) throw new Error("no shard");
  const facts = someFacts({ view: { ...view, sourceShards: [shard, { ...shard, name: "80-" }] } });
  expect(found(checkSourceIdentity, facts)).toEqual(["refusal source-sharded"]);
});

test("the target's servers log for the way back of verbatim tables, and no stream runs with MINIMAL images", () => {
  const dark = { targets: [targetServer({}, { log_bin: "OFF" })] };
  expect(found(checkTargetServers, someFacts(dark))).toEqual(["refusal target-binary-log"]);
  expect(found(checkTargetServers, someFacts({ ...dark, tables: [checked("people", { lane: "streams" })] }))).toEqual(
    [],
  );
  const minimal = someFacts({ targets: [targetServer({}, { binlog_row_image: "MINIMAL" })] });
  expect(found(checkTargetServers, minimal)).toEqual(["refusal target-row-image"]);
  expect(found(checkTargetServers, someFacts({ targets: [targetServer({}, { binlog_row_image: "NOBLOB" })] }))).toEqual(
    [],
  );
});

test("rows on the target are refused before the workflow is there, and expected afterwards", () => {
  const targets = [targetServer({ filled: ["orders"] })];
  expect(found(checkTargetServers, someFacts({ targets }))).toEqual(["refusal target-not-empty"]);
  const prepared = aView({ moveTables: workflow("vtpipe", []) });
  expect(found(checkTargetServers, someFacts({ targets, view: prepared }))).toEqual([]);
  expect(found(checkTargetServers, someFacts({ targets, moment: "handoff" }))).toEqual([]);
  expect(found(checkTargetServers, someFacts({ targets, tables: [checked("orders", { lane: "streams" })] }))).toEqual(
    [],
  );
});

test("time zones that transforms name have to be known on the target", () => {
  const facts = someFacts({ targets: [targetServer({ unknownZones: ["Europe/Berlin"] })] });
  expect(checkTargetServers(facts)[0]?.text).toContain("does not know the time zones Europe/Berlin");
  const using = (expression: string) => zonesIn([{ columns: [{ name: "at", expression }] }]);
  expect(using("CONVERT_TZ(`at`, 'UTC', _utf8mb4'Europe/Berlin')")).toEqual(["Europe/Berlin", "UTC"]);
  expect(using("convert_tz(str_to_date(`at`, 'abc'), '+00:00', 'SYSTEM')")).toEqual([]);
  expect(using("concat(`at`, 'Europe/Berlin')")).toEqual([]);
});

test("accounts on the source itself are named and counted; Vitess's own and the reader are not", () => {
  const account = (user: string, sessions: number) => ({ user, host: "10.0.0.7", sessions });
  const facts = someFacts({
    accounts: [account("cron", 1), account("vt_app", 9), account("reader", 2), account("shop", 12)],
  });
  const [finding] = checkDirectWriters(facts);
  expect(finding?.severity).toBe("warning");
  expect(finding?.text).toContain("sessions of shop@10.0.0.7 (12), cron@10.0.0.7 (1).");
  const many = Array.from({ length: 11 }, (_, i) => account(`app${i}`, 1));
  expect(checkDirectWriters(someFacts({ accounts: many }))[0]?.text).toContain("app6@10.0.0.7 (1) and 3 more.");
  expect(checkDirectWriters(someFacts({ accounts: [account("vt_repl", 1)] }))).toEqual([]);
});
