import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { afterRecords, type CliResult, type ReportEvent, recordsOf, vtpipe } from "../../support/cli.ts";
import { onEveryShard, testDatabase } from "../../support/database.ts";
import { type Migration, newMigration, onShards, onSource } from "./migration.ts";

const table = "run_commands";
let migration: Migration;

beforeAll(async () => {
  const odd = `x'00ff22275c0a0d2c', 'quote '' " \\\\ , tab \\t line \\r\\n 😀', NULL, JSON_OBJECT('k', 'v "q"'), 1.50, '\\\\N', -1e-7, b'101'`;
  migration = await newMigration(table, {
    [table]: {
      source: [
        `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, bin VARBINARY(20), txt TEXT, nothing INT, doc JSON, price DECIMAL(9,2), mark VARCHAR(9), small DOUBLE, flags BIT(5))`,
        `INSERT INTO ${table} VALUES (1, ${odd}), (2, '', '', 5, NULL, NULL, '', NULL, NULL)`,
        `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 3 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 900) SELECT n, NULL, REPEAT(n, 60), n, NULL, n / 4, 'm', n * 1e100, n % 32 FROM r`,
        `ANALYZE TABLE ${table}`,
        "CREATE VIEW run_commands_view AS SELECT 1 AS one",
        `CREATE TRIGGER run_commands_trigger BEFORE INSERT ON ${table} FOR EACH ROW SET NEW.nothing = 0`,
      ],
    },
    run_commands_parts: {
      source: [
        `CREATE TABLE run_commands_parts (id INT NOT NULL AUTO_INCREMENT, made DATE NOT NULL, code VARCHAR(9), other INT,
           PRIMARY KEY (id, made), KEY by_code (code), CHECK (other > 0), CONSTRAINT to_commands FOREIGN KEY (id) REFERENCES ${table} (id))`,
        "INSERT INTO run_commands_parts (made, code, other) VALUES ('2024-01-01', 'a', 1), ('2024-02-01', 'b', 2)",
      ],
      target: "CREATE TABLE run_commands_parts (id INT NOT NULL, made DATE NOT NULL, PRIMARY KEY (id, made))",
    },
  });
  await migration.configure({
    tables: { rules: { run_commands_parts: { transforms: [{ drop: { columns: ["code", "other"] } }] } } },
  });
});

afterAll(() => migration?.[Symbol.asyncDispose]());

const reportOf = ({ events }: CliResult): ReportEvent =>
  events.find((event): event is ReportEvent => event.type === "report") ?? expect.fail("no report");

test("plan tells tables, keys, chunks, classes, routing and what stays behind, and changes nothing", async () => {
  const planned = await migration.run("plan");
  expect(planned.error).toBeNull();
  const report = reportOf(planned);
  expect(report["tables"]).toMatchObject([
    { source: table, target: table, class: "identity", chunkKey: ["id"], chunksEstimate: expect.any(Number) },
    { source: "run_commands_parts", chunkKey: ["id", "made"], columns: ["id", "made"], routing: expect.any(String) },
  ]);
  const behind = (report["unmoved"] as { what: string; name: string }[]).map(({ what }) => what);
  expect(behind).toEqual(expect.arrayContaining(["view", "trigger", "foreign key", "index", "check"]));
  expect(report["estimatedSeconds"]).toMatchObject({ dump: expect.any(Number), load: expect.any(Number) });
  expect(await readdir(migration.folder)).toEqual(["vtpipe.yaml"]);

  const plain = await migration.run("plan", [], { json: false });
  expect(plain.stdout).toMatch(/run_commands_parts +identity +id, made/);
  expect(plain.stdout).toContain("Does not move:");
});

test("schema print is SQL that a server takes; apply makes missing tables and is harmless twice", async () => {
  const printed = await migration.run("schema print", [], { json: false });
  expect(printed.exitCode).toBe(0);
  expect(printed.stdout).not.toMatch(/^(warning|time|peak memory)/m);
  await using scratch = await testDatabase("run_commands_scratch");
  await feed(scratch.name, printed.stdout);
  expect(await onSource(scratch, "SHOW TABLES")).toEqual([`["${table}"]`, '["run_commands_parts"]']);
  const columns = await onSource(scratch, "SHOW COLUMNS FROM run_commands_parts");
  expect(columns).toHaveLength(2);
  expect(printed.stdout).not.toMatch(/AUTO_INCREMENT|FOREIGN KEY \(/);

  await onEveryShard(["DROP TABLE run_commands_parts"]);
  const applied = await migration.run("schema apply");
  expect(applied.error).toBeNull();
  expect(notes(applied)).toContain(`run_commands_parts: created on ${inject("shardServers").length} shards.`);
  const shape = await onShards("SHOW CREATE TABLE run_commands_parts");
  const again = await migration.run("schema apply");
  expect(again.exitCode).toBe(0);
  expect(notes(again)).toContain("run_commands_parts: is on the target already and stays as it is.");
  expect(await onShards("SHOW CREATE TABLE run_commands_parts")).toEqual(shape);
});

const notes = ({ events }: CliResult): string[] =>
  events.flatMap((event) => (event.type === "note" ? [event.text] : []));

test("a plan with things left behind is dumped, read again and loaded", async () => {
  await migration.clear();
  expect((await migration.run("dump")).error).toBeNull();
  const again = await migration.run("dump");
  expect(again.error).toBeNull();
  expect(notes(again)).toContain("Everything was read by an earlier run; nothing is read again.");
  expect(again.events.filter(({ type }) => type === "snapshot")).toEqual([]);
  const loaded = await migration.run("load", [migration.directory]);
  expect(loaded.error).toBeNull();
  expect(loaded.summary?.tables.map(({ rows, verified }) => [rows, verified])).toEqual([
    [900, true],
    [2, true],
  ]);
});

test("status tells how far a run has come, also while it is at work", async () => {
  await migration.clear();
  expect((await migration.run("status")).exitCode).toBe(1);
  const begun = afterRecords(migration.directory, "snapshot", 1);
  const meanwhile: Promise<CliResult>[] = [];
  const ran = await migration.run("run", [], {
    onEvent: () => {
      if (meanwhile.length === 0 && begun([])) meanwhile.push(migration.run("status"));
    },
  });
  expect(ran.error).toBeNull();
  const during = await (meanwhile[0] ?? expect.fail("status was never asked"));
  expect(during.error).toBeNull();
  expect(reportOf(during)).toMatchObject({ directory: migration.directory, tables: [{ source: table }, {}] });

  const after = await migration.run("status");
  expect(reportOf(after)).toMatchObject({
    dumped: true,
    snapshots: [{ position: ran.summary?.position }],
    tables: [
      { source: table, rows: 900, loads: [{ begun: 0, verified: true }] },
      { source: "run_commands_parts", rows: 2, loads: [{ loaded: 1, begun: 0, verified: true }] },
    ],
  });
  expect(after.summary).toMatchObject({ position: ran.summary?.position, lockMs: ran.summary?.lockMs });
  const plain = await migration.run("status", [], { json: false });
  expect(plain.stdout).toContain("everything is read");
  expect(plain.stdout).toMatch(/run_commands +.*equal/);
});

describe("inspect", () => {
  beforeAll(async () => {
    await migration.clear();
    expect((await migration.run("dump")).error).toBeNull();
  });

  const files = (): string[] =>
    recordsOf(migration.directory).flatMap((record) =>
      record.type === "dumped" && record.dumped.table === table ? [join(migration.directory, record.dumped.file)] : [],
    );
  const shown = async (format: string): Promise<string> => {
    const parts: string[] = [];
    for (const file of files()) {
      const result = await vtpipe(["inspect", file, "--format", format], { json: false });
      expect(result.stderr).toBe("");
      expect(result.exitCode).toBe(0);
      parts.push(result.stdout);
    }
    return parts.join("");
  };
  const everything = `SELECT id, HEX(bin), HEX(txt), nothing, HEX(CONCAT(doc)), price, HEX(mark), small, flags + 0 FROM ${table}`;

  test("SQL, fed to a server, gives equal rows", async () => {
    await using scratch = await testDatabase("run_commands_scratch");
    await scratch.query(`CREATE TABLE ${table} LIKE run_commands.${table}`);
    await feed(scratch.name, await shown("sql"));
    expect(await onSource(scratch, everything)).toEqual(await onSource(migration.source, everything));
  });

  test("CSV and JSON lines hold every value, told apart from NULL", async () => {
    const csv = parseCsv(await shown("csv"));
    const head = ["id", "bin", "txt", "nothing", "doc", "price", "mark", "small", "flags"];
    expect(csv[0]).toEqual(head.map((text) => ({ text, quoted: false })));
    const rows = csv.filter(([id]) => id?.text !== "id");
    expect(rows).toHaveLength(900);
    const first = rows
      .find(([id]) => id?.text === "1")
      ?.map(({ text, quoted }) => (text === "\\N" && !quoted ? null : text));
    const values = [
      "1",
      "0x00ff22275c0a0d2c",
      `quote ' " \\ , tab \t line \r\n 😀`,
      null,
      '{"k": "v \\"q\\""}',
      "1.50",
      "\\N",
    ];
    expect(first?.slice(0, 7)).toEqual(values);

    const lines = (await shown("json")).trim().split("\n");
    expect(lines).toHaveLength(900);
    expect(lines.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ id }) => id === "1")).toMatchObject(
      {
        bin: { base64: Buffer.from("00ff22275c0a0d2c", "hex").toString("base64") },
        txt: values[2],
        nothing: null,
        mark: "\\N",
      },
    );
  });

  test("text and TSV have a line for each row, a directory is listed, a header says what it is", async () => {
    const file = files()[0] ?? expect.fail();
    for (const format of ["text", "tsv"]) {
      const result = await vtpipe(["inspect", file, "--format", format, "--rows", "3"], { json: false });
      const lines = result.stdout.trimEnd().split("\n");
      expect(lines.length, format).toBe(format === "text" ? 5 : 4);
      expect(result.stdout).not.toContain("\u0000");
    }
    const listed = await vtpipe(["inspect", migration.directory], { json: false });
    expect(listed.stdout).toMatch(new RegExp(`${table} +${table} +900`));
    const header = await vtpipe(["inspect", file, "--header"]);
    expect(reportOf(header)).toMatchObject({
      header: { table, columns: expect.any(Array) },
      trailer: expect.anything(),
    });
  });
});

/** Runs a script through the server's multi-statement protocol, as a client would. */
async function feed(database: string, sql: string): Promise<void> {
  const { host, port, user, password } = inject("source");
  const connection = await createConnection({ host, port, user, password, database, multipleStatements: true });
  try {
    await connection.query("SET foreign_key_checks = 0");
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}

interface Field {
  readonly text: string;
  readonly quoted: boolean;
}

/** RFC 4180. */
function parseCsv(text: string): Field[][] {
  const rows: Field[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  let row: Field[] = [];
  for (const [, quoted, bare, end] of text.matchAll(field)) {
    row.push(
      quoted === undefined ? { text: bare ?? "", quoted: false } : { text: quoted.replaceAll('""', '"'), quoted: true },
    );
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
