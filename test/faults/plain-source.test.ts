import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Migration, newMigration, onShards, onSource } from "../integration/run/migration.ts";
import { type OwnServer, startOwnServer } from "../integration/source/own-server.ts";

const table = "run_plain";
let server: OwnServer;
let migration: Migration;

beforeAll(async () => {
  server = await startOwnServer("plain", ["--skip-log-bin", "--gtid-mode=OFF", "--enforce-gtid-consistency=OFF"]);
  const create = `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, v VARCHAR(20))`;
  const rows = `INSERT INTO ${table} VALUES (1, 'one'), (2, 'two')`;
  migration = await newMigration(table, { [table]: { source: [create, rows] } });
  const { host, port, user } = server.address;
  const root = await createConnection({ host, port, user });
  for (const sql of [`CREATE DATABASE ${table}`, `USE ${table}`, create, rows]) await root.query(sql);
  await root.end();
  await migration.configure({ source: { url: `mysql://${user}@${host}:${port}/${table}` } });
});

afterAll(async () => {
  await migration?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

test("a source without binary log and GTIDs moves, with both said beforehand and no position claimed", async () => {
  for (const verb of ["plan", "run"]) {
    const result = await migration.run(verb);
    expect(result.error).toBeNull();
    const codes = result.events.flatMap((event) => (event.type === "warning" ? [event.code] : []));
    expect(codes, verb).toEqual(expect.arrayContaining(["binary-log-off", "gtid-off"]));
    expect(result.summary?.position).toBeNull();
  }
  expect(await onShards(`SELECT * FROM ${table}`)).toEqual(await onSource(migration.source, `SELECT * FROM ${table}`));
});
