import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { expect } from "vitest";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import type { Manifest } from "../../../src/contracts/manifest.ts";
import type { StatusReport } from "../../../src/run/jobs/status.ts";
import { recordsOf, vtpipe } from "../cli.ts";
import { Fault } from "./fault.ts";
import type { Shards } from "./shards.ts";

/** `vtpipe status` works however a program has ended, and says what manifest and ledger say. */
export async function expectTrueStatus(directory: string): Promise<void> {
  const status = await vtpipe(["status", directory]);
  const manifest = await manifestIn(directory);
  if (manifest === null) {
    expect(status.error?.code, "status of a directory without a manifest").toBe("files");
    return;
  }
  expect(status.error, "status").toBeNull();
  const report = status.events.find(({ type }) => type === "report") as unknown as StatusReport;
  const said = report.tables.map(({ source, chunks, rows, loads }) => ({
    ...{ source, chunks, rows },
    loads: loads.map(({ target, loaded, begun, verified }) => ({ target, loaded, begun, verified })),
  }));
  expect({ dumped: report.dumped, tables: said }).toEqual({
    dumped: manifest.complete,
    tables: truth(manifest, recordsOf(directory)),
  });
}

/** The ledger folded once more, without any of the program's own code. */
function truth(manifest: Manifest, records: readonly LedgerRecord[]): object[] {
  const dumped = records.flatMap((record) => (record.type === "dumped" ? [record.dumped] : []));
  const chunks = dumped.length > 0 ? dumped : manifest.chunks;
  const targets = [...new Set(records.flatMap((record) => (record.type === "loading" ? [record.target] : [])))];
  const statesAt = (target: string): Map<string, string> =>
    new Map(
      records.flatMap((record) =>
        (record.type === "loading" || record.type === "loaded") && record.target === target
          ? [[record.chunk, record.type] as const]
          : [],
      ),
    );
  const verdict = (target: string, table: string): boolean | null =>
    records
      .flatMap((one) => (one.type === "verified" && one.target === target && one.table === table ? [one.equal] : []))
      .at(-1) ?? null;
  return manifest.tables.map(({ source }) => {
    const own = chunks.filter(({ table }) => table === source);
    return {
      source,
      chunks: own.length,
      rows: own.reduce((sum, { checksum }) => sum + checksum.rows, 0),
      loads: targets.map((target) => {
        const states = statesAt(target);
        const inState = (state: string): number => own.filter(({ chunk }) => states.get(chunk) === state).length;
        return { target, loaded: inState("loaded"), begun: inState("loading"), verified: verdict(target, source) };
      }),
    };
  });
}

/** By source table, the rows that the ledger says the target has acknowledged. */
export async function acknowledgedRows(directory: string): Promise<ReadonlyMap<string, number>> {
  const records = recordsOf(directory);
  const manifest = await manifestIn(directory);
  const tables = new Map(manifest?.chunks.map(({ chunk, table }) => [chunk, table]));
  for (const record of records) if (record.type === "dumped") tables.set(record.dumped.chunk, record.dumped.table);
  const rows = new Map<string, number>();
  for (const record of records) {
    if (record.type !== "loaded") continue;
    const table = tables.get(record.chunk) ?? "";
    rows.set(table, (rows.get(table) ?? 0) + record.rows);
  }
  return rows;
}

async function manifestIn(directory: string): Promise<Manifest | null> {
  const text = await readFile(join(directory, "manifest.json"), "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as Manifest);
}

/** Where a command has been at work that has come to its end. */
export interface Place {
  readonly directory: string;
  /** The run directory and the config are in it. */
  readonly folder: string;
  /** On the source, as somebody who sees all sessions. */
  readonly connection: Connection;
  readonly database: string;
  /** Sessions of others in that database. */
  readonly otherSessions?: number;
  readonly shards: Shards;
}

/** Throws when something is left over. */
export async function expectNothingLeft(place: Place): Promise<void> {
  const ours = /^(manifest\.json|ledger\.jsonl|chunks(\/[^/]+(\/[-\d]+\.zst)?)?)$/;
  const names = await readdir(place.directory, { recursive: true });
  const files = names.filter((name) => !ours.test(name));
  if (files.length > 0) throw new Fault("other", `left in the run directory: ${files.join(", ")}`);
  const recorded = new Set((await manifestIn(place.directory))?.chunks.map(({ file }) => file));
  const unknown = names.filter((name) => name.endsWith(".zst") && !recorded.has(name));
  if (unknown.length > 0)
    throw new Fault("other", `chunk files that the manifest does not name: ${unknown.join(", ")}`);
  // Positions of what is followed stay until it is finished.
  const tables = await place.shards.rows("SHOW TABLES LIKE '%vtpipe\\_ledger%'");
  if (tables.length > 0) throw new Fault("other", `left on the shards: ${tables.join(", ")}`);
  const processes = await processesIn(place.folder);
  if (processes.length > 0) throw new Fault("other", `processes left: ${processes.join("; ")}`);
  await expectSessionsGone(place);
}

/** Processes that were started with something in the folder. */
async function processesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes(folder)) found.push(`${pid} ${command.replaceAll("\0", " ")}`);
  }
  return found;
}

/** A server takes a moment to notice that a client is gone. */
async function expectSessionsGone({ connection, database, otherSessions = 0 }: Place): Promise<void> {
  let left: string[] = [];
  for (let tries = 0; tries < 100; tries++) {
    left = await sessionsIn(connection, database);
    if (left.length <= otherSessions) return;
    await delay(100);
  }
  throw new Fault("other", `sessions left on the source: ${left.join("; ")}`);
}

/** Sessions that the source has in a database, but for the one that asks. Not from information_schema, which cannot hold every statement. */
export async function sessionsIn(connection: Connection, database: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>("SHOW PROCESSLIST");
  const others = rows.filter((row) => row["db"] === database && Number(row["Id"]) !== connection.threadId);
  return others.map((row) => `${row["Id"]} ${row["User"]} ${row["Command"]}`);
}
