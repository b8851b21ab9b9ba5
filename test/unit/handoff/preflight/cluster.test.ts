import { expect, test } from "vitest";
import { checkForeignKeys } from "../../../../src/handoff/preflight/foreign-keys.ts";
import { migrationId } from "../../../../src/handoff/preflight/migration-id.ts";
import { runHandoffChecks } from "../../../../src/handoff/preflight/run-checks.ts";
import { checkTablets } from "../../../../src/handoff/preflight/tablets.ts";
import { checkVschema } from "../../../../src/handoff/preflight/vschema.ts";
import { checkWorkflowNames } from "../../../../src/handoff/preflight/workflow-names.ts";
import { raiseSequence } from "../../../../src/handoff/sequences.ts";
import { aView, stream, workflow } from "../view.ts";
import { checked, entry, found, server, someFacts, tablet, targetServer } from "./facts.ts";

const facts = someFacts();

test("a cluster where all is as it should be has nothing said of it; a Vitess that is too old is refused", () => {
  expect(runHandoffChecks(facts)).toEqual([]);
  const old = someFacts({ versions: { "zone1-0000000100": "19.0.4" } });
  expect(runHandoffChecks(old).map(({ severity, code }) => `${severity} ${code}`)).toEqual(["refusal vitess-version"]);
});

test("a cell that is not there is refused with those that are; an alias stands for its cells", () => {
  const inCells = (cells: readonly string[], aliases: Record<string, string[]> = {}) =>
    someFacts({
      plan: { ...facts.plan, cells },
      cells: { known: ["zone1", "zone2"], aliases: new Map(Object.entries(aliases)) },
    });
  const [unknown, ...others] = checkTablets(inCells(["zone9"]));
  expect(unknown?.text).toBe("handoff.cells names zone9, and the cluster has zone1, zone2.");
  expect(others.map(({ code }) => code)).toEqual(["no-tablet", "no-tablet", "no-tablet"]);
  expect(found(checkTablets, inCells(["zone2"]))).toEqual(Array(3).fill("refusal no-tablet"));
  expect(found(checkTablets, inCells(["region"], { region: ["zone1", "zone2"] }))).toEqual([]);
});

test("streams and the streams back each need a tablet of the wanted types", () => {
  const replicas = { ...facts.plan, tabletTypes: ["REPLICA"] as const };
  const only = someFacts({
    plan: replicas,
    sourceTablets: [...facts.sourceTablets, tablet("zone1-0000000101", "0", { type: "REPLICA" })],
  });
  expect(checkTablets(only).map(({ text }) => text)[0]).toBe(
    "Shard main/-80 has no tablet of the types REPLICA near those that read for streams back to read from; it has PRIMARY in zone1.",
  );
  // Nothing runs back from transformed tables.
  const tables = [checked("people", { lane: "streams" })];
  expect(found(checkTablets, { ...only, tables, plan: { ...replicas, tables } })).toEqual([]);
});

test("without cells tablets near the readers count, those of cells with a common alias too", () => {
  const far = { sourceTablets: [tablet("zone2-0000000100", "0")] };
  expect(found(checkTablets, someFacts(far))).toEqual(["refusal no-tablet"]);
  const cells = { known: ["zone1", "zone2"], aliases: new Map([["region", ["zone1", "zone2"]]]) };
  expect(found(checkTablets, someFacts({ ...far, cells }))).toEqual([]);
});

test("primaries have to serve and to answer; of others it is only warned", () => {
  const sourceTablets = [
    tablet("zone1-0000000100", "0", { serving: false }),
    tablet("zone1-0000000101", "0", { type: "REPLICA", serving: false }),
    tablet("zone1-0000000102", "0", { type: "REPLICA", serving: null }),
  ];
  expect(found(checkTablets, someFacts({ sourceTablets }))).toEqual([
    "refusal tablet-not-serving",
    "warning tablet-not-serving",
  ]);
  const silent = [
    { tablet: "zone1-0000000200", primary: true, why: "no" },
    { tablet: "zone1-0000000101", primary: false, why: "no" },
  ];
  expect(found(checkTablets, someFacts({ silent }))).toEqual(["refusal tablet-silent", "warning tablet-silent"]);
});

test("the source's primary needs VReplication's tables, and to be written to once traffic is switched", () => {
  expect(found(checkTablets, someFacts({ sidecar: false }))).toEqual(["refusal source-sidecar"]);
  expect(found(checkTablets, someFacts({ sidecar: null }))).toEqual([]);
  const servers = [server({}, { super_read_only: "ON" })];
  expect(found(checkTablets, someFacts({ servers }))).toEqual(["warning source-read-only"]);
});

test("workflows of our names are ours only if the run directory knows of them", () => {
  const view = aView({
    moveTables: workflow("vtpipe", []),
    streams: workflow("vtpipe_sql", []),
    bridge: workflow("vtpipe_bridge", []),
    reverse: workflow("vtpipe_reverse", []),
  });
  expect(checkWorkflowNames(someFacts({ view })).map(({ text }) => text.split(" in keyspace ")[1])).toEqual(
    ["main", "main", "main", "ext"].map(
      (keyspace) => `${keyspace} already, and the run directory knows nothing of it.`,
    ),
  );
  expect(found(checkWorkflowNames, someFacts({ view, begun: true }))).toEqual([]);
  expect(found(checkWorkflowNames, someFacts({ view, begun: null }))).toEqual(Array(4).fill("warning workflow-exists"));
});

test("every table of a sharded target has a place in its vschema", () => {
  const placed = (tables: ReturnType<typeof someFacts>["vschema"]["tables"]) =>
    someFacts({ vschema: { ...facts.vschema, tables } });
  expect(found(checkVschema, placed({}))).toEqual(["refusal not-in-vschema"]);
  expect(found(checkVschema, placed({ orders: entry({ columnVindexes: [] }) }))).toEqual(["refusal no-vindex"]);
  const reference = entry({ type: "reference", columnVindexes: [] });
  expect(found(checkVschema, placed({ orders: reference }))).toEqual(["warning reference-table"]);
  const unsharded = someFacts({ vschema: { ...facts.vschema, sharded: false, tables: {} } });
  expect(found(checkVschema, unsharded)).toEqual([]);
});

test("an owned lookup vindex is refused by the table that owns it", () => {
  const vindexes = { ...facts.vschema.vindexes, by_name: { type: "lookup", params: {}, owner: "orders" } };
  const columnVindexes = [...entry().columnVindexes, { column: "name", name: "by_name", columns: [] }];
  const tables = { orders: entry({ columnVindexes }) };
  expect(found(checkVschema, someFacts({ vschema: { ...facts.vschema, vindexes, tables } }))).toEqual([
    "refusal owned-lookup",
  ]);
  const others = { ...vindexes, by_name: { type: "lookup", params: {}, owner: "people" } };
  expect(found(checkVschema, someFacts({ vschema: { ...facts.vschema, vindexes: others, tables } }))).toEqual([]);
});

test("a sequence has to be in exactly one unsharded keyspace", () => {
  const tables = { orders: entry({ autoIncrement: { column: "id", sequence: "orders_seq" } }) };
  const having = (...keyspaces: string[]) =>
    someFacts({
      vschema: { ...facts.vschema, tables },
      sequences: new Map([["orders_seq", keyspaces.map((keyspace) => ({ keyspace, table: "orders_seq" }))]]),
    });
  expect(found(checkVschema, having("lookup"))).toEqual([]);
  expect(found(checkVschema, having())).toEqual(["refusal sequence"]);
  expect(checkVschema(having("a", "b"))[0]?.text).toContain("(a, b)");
});

test("a sequence is only ever raised", () => {
  const { calls } = raiseSequence({ keyspace: "lookup", table: "orders_seq" }, { cell: "zone1", uid: 400 }, 41n);
  expect(calls.map(({ request }) => request)).toEqual([
    {
      tabletAlias: { cell: "zone1", uid: 400 },
      query:
        "insert into `orders_seq` (id, next_id, cache) values (0, 42, 1000) on duplicate key update next_id = if(next_id < 42, 42, next_id)",
      maxRows: 1,
    },
  ]);
});

const cascade = { name: "fk", table: "lines", parent: "orders", onDelete: "CASCADE", onUpdate: "NO ACTION" };
const family = [checked("orders"), checked("lines")];

test("what a foreign key changes by itself arrives only if the target has the key, or the source logs it", () => {
  const source = [server({ foreignKeys: [cascade] })];
  expect(found(checkForeignKeys, someFacts({ servers: source, tables: family }))).toEqual(["refusal silent-cascade"]);
  const kept = [targetServer({ foreignKeys: [{ ...cascade, name: "other" }] })];
  expect(found(checkForeignKeys, someFacts({ servers: source, targets: kept, tables: family }))).toEqual([]);
  const weaker = [targetServer({ foreignKeys: [{ ...cascade, onDelete: "RESTRICT" }] })];
  expect(found(checkForeignKeys, someFacts({ servers: source, targets: weaker, tables: family }))).toEqual([
    "refusal silent-cascade",
  ]);
  const logging = [server({ foreignKeys: [cascade] }, { version: "9.7.4" })];
  expect(found(checkForeignKeys, someFacts({ servers: logging, tables: family }))).toEqual([]);
  const native = [server({ foreignKeys: [cascade] }, { version: "9.7.4", innodb_native_foreign_keys: "ON" })];
  expect(found(checkForeignKeys, someFacts({ servers: native, tables: family }))).toEqual(["refusal silent-cascade"]);
  const passive = [server({ foreignKeys: [{ ...cascade, onDelete: "RESTRICT" }] })];
  expect(found(checkForeignKeys, someFacts({ servers: passive, tables: family }))).toEqual([]);
});

test("a foreign key of the target between two lanes is warned of", () => {
  const targets = [targetServer({ foreignKeys: [cascade] }), targetServer({ foreignKeys: [cascade] })];
  const apart = [checked("orders", { lane: "streams" }), checked("lines")];
  expect(found(checkForeignKeys, someFacts({ targets, tables: apart }))).toEqual(["warning foreign-key-across-lanes"]);
  expect(found(checkForeignKeys, someFacts({ targets, tables: family }))).toEqual([]);
});

test("a migration has the number that Vitess gives it, whatever the order of its streams", () => {
  const streams = [stream({ id: "7", shard: "80-" }), stream({ id: "3", shard: "-80" })];
  expect(migrationId("main", { streams })).toBe(migrationId("main", { streams: streams.toReversed() }));
  expect(migrationId("main", { streams })).not.toBe(migrationId("other", { streams }));
  // FNV-1 of the offset basis alone, and its published value for "a", both without the highest bit.
  expect(migrationId("", { streams: [] })).toBe(0xcbf29ce484222325n & ((1n << 63n) - 1n));
  expect(migrationId("a", { streams: [] })).toBe(0xaf63bd4c8601b7ben & ((1n << 63n) - 1n));
});
