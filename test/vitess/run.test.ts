import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Migration, newMigration, onShards, onSource } from "../integration/run/migration.ts";
import { connectTarget, onEveryShard } from "../support/database.ts";

const { kind, keyspace, description } = inject("vtgate");
if (kind !== "vitess")
  process.stderr.write(`SKIPPED: moves that need a real vtgate; the target is the ${description}\n`);

const by = (column: string, name: string) => ({ column_vindexes: [{ column, name }] });

describe.skipIf(kind !== "vitess")("through a real vtgate", () => {
  let migration: Migration;

  beforeAll(async () => {
    const numbers = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 400)";
    migration = await newMigration(
      "run_vt",
      {
        run_vt_cities: {
          source: [
            "CREATE TABLE run_vt_cities (name VARCHAR(60) NOT NULL PRIMARY KEY, people INT)",
            `INSERT INTO run_vt_cities ${numbers} SELECT CONCAT('Näme ', n), n FROM r`,
          ],
          vschema: by("name", "run_vt_loose"),
        },
        run_vt_countries: {
          source: [
            "CREATE TABLE run_vt_countries (code CHAR(2) NOT NULL PRIMARY KEY, name VARCHAR(60))",
            "INSERT INTO run_vt_countries VALUES ('AT', 'Österreich'), ('NO', 'Norge'), ('JP', '日本')",
          ],
          vschema: { type: "reference" },
        },
        run_vt_users: {
          source: [
            "CREATE TABLE run_vt_users (id BIGINT NOT NULL PRIMARY KEY, email VARCHAR(60) NOT NULL)",
            `INSERT INTO run_vt_users ${numbers} SELECT n, CONCAT('u', n, '@example.org') FROM r`,
          ],
          vschema: {
            column_vindexes: [
              { column: "id", name: "run_hash" },
              { column: "email", name: "run_vt_by_email" },
            ],
          },
        },
        run_vt_emails: {
          source: [],
          target:
            "CREATE TABLE run_vt_emails (email VARCHAR(60) NOT NULL PRIMARY KEY, keyspace_id VARBINARY(64) NOT NULL)",
          vschema: by("email", "run_vt_loose"),
        },
      },
      {
        run_vt_loose: { type: "unicode_loose_xxhash" },
        run_vt_by_email: {
          type: "consistent_lookup_unique",
          owner: "run_vt_users",
          params: { table: `${keyspace}.run_vt_emails`, from: "email", to: "keyspace_id" },
        },
      },
    );
  });

  afterAll(() => migration?.[Symbol.asyncDispose]());

  test("rows that only vtgate can route, a reference table and an owned lookup arrive whole and findable", async () => {
    const planned = await migration.run("plan", [], { json: false });
    expect(planned.stdout).toMatch(/run_vt_cities .*vtgate/);
    const ran = await migration.run("run");
    expect(ran.error).toBeNull();
    expect(ran.summary?.target).toBe("vitess");
    expect(ran.summary?.tables.map(({ source, rows, verified }) => [source, rows, verified])).toEqual([
      ["run_vt_cities", 400, true],
      ["run_vt_countries", 3, true],
      ["run_vt_users", 400, true],
    ]);
    for (const table of ["run_vt_cities", "run_vt_users"]) {
      expect(await onShards(`SELECT * FROM ${table}`)).toEqual(
        await onSource(migration.source, `SELECT * FROM ${table}`),
      );
    }
    const countries = await onSource(migration.source, "SELECT * FROM run_vt_countries");
    expect(await onShards("SELECT * FROM run_vt_countries")).toEqual(
      inject("shardServers")
        .flatMap(() => countries)
        .sort(),
    );
    const emails = await onSource(migration.source, "SELECT email FROM run_vt_users");
    expect(await onShards("SELECT email FROM run_vt_emails")).toEqual(emails);

    const gate = await connectTarget();
    try {
      for (const [sql, found] of [
        ["SELECT people FROM run_vt_cities WHERE name = 'Näme 17'", 17],
        ["SELECT id FROM run_vt_users WHERE email = 'u123@example.org'", "123"],
      ] as const) {
        const [rows] = await gate.query(sql);
        expect((rows as object[]).map((row) => Object.values(row)[0])).toEqual([found]);
      }
    } finally {
      await gate.end();
    }
  });

  test("killed in the middle of routed rows, the same command ends with each of them once", async () => {
    await migration.clear();
    await onEveryShard(["DELETE FROM run_vt_emails"]);
    const killed = await migration.run("run", [], {
      signals: [{ signal: "SIGKILL", when: (events) => events.some(({ type }) => type === "table:dumped") }],
    });
    expect(killed.signal).toBe("SIGKILL");
    const ran = await migration.run("run");
    expect(ran.error).toBeNull();
    for (const table of ["run_vt_cities", "run_vt_users"]) {
      expect(await onShards(`SELECT * FROM ${table}`)).toEqual(
        await onSource(migration.source, `SELECT * FROM ${table}`),
      );
    }
  });

  test("changing a row's copy of a reference table on one shard is found", async () => {
    const [first, second] = inject("vtgate").shards;
    expect(first).toBeDefined();
    const shard = await connectTarget(second ?? null);
    await shard.query("UPDATE run_vt_countries SET name = 'Nippon' WHERE code = 'JP'");
    await shard.end();
    const verified = await migration.run("verify");
    expect(verified.exitCode).toBe(3);
    expect(verified.events).toContainEqual(
      expect.objectContaining({ type: "difference", table: "run_vt_countries", columns: ["name"], what: "different" }),
    );
  });
});
