import { rm, truncate } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { gateTarget, type MigratedTable, migratedTable, type TableOptions } from "./migrated-table.ts";

const people = (rangesHold: boolean, rows = 35): TableOptions => ({
  columns: ["id int not null", "name varchar(40)", "score int"],
  primaryKey: ["id"],
  rows: Array.from({ length: rows }, (_, i) => [String(i * 3), `'name ${i}'`, i % 4 === 0 ? "NULL" : String(i % 7)]),
  rangesHold,
});

/** Even rows are on shard 0, odd ones on shard 1. */
const shardOf = (row: number): number => row % 2;

async function tamper(table: MigratedTable, row: number, sql: string): Promise<void> {
  await table.run(shardOf(row), sql.replaceAll("$t", `\`${table.name}\``));
}

describe.each([
  ["by ranges", true],
  ["by keys", false],
])("a table compared %s", (how, rangesHold) => {
  const name = `verify ${how.replace(" ", "_")}`;

  test("is equal when nothing was changed", async () => {
    await using table = await migratedTable(`${name} equal`, people(rangesHold));
    const checked: [number, boolean][] = [];
    const verdict = await table.verify({ onChecked: (rows, equal) => checked.push([rows, equal]) });
    expect(verdict).toEqual({
      equal: true,
      rows: 35,
      targetRows: 35,
      differences: [],
      counts: { missing: 0, different: 0, extra: 0 },
      notes: [],
    });
    expect(checked.reduce((sum, [rows]) => sum + rows, 0)).toBe(35);
    expect(checked).toHaveLength(rangesHold ? 4 : 1);
  });

  test("names one changed cell, one missing and one extra row by key and column", async () => {
    await using table = await migratedTable(`${name} three`, people(rangesHold));
    await tamper(table, 1, "UPDATE $t SET name = 'name 1 ' WHERE id = 3");
    await tamper(table, 20, "DELETE FROM $t WHERE id = 60");
    await tamper(table, 0, "INSERT INTO $t VALUES (61, 'new', NULL)");
    const told: unknown[] = [];
    const verdict = await table.verify({ onDifference: (difference) => told.push(difference) });
    expect(verdict.equal).toBe(false);
    expect(verdict.counts).toEqual({ missing: 1, different: 1, extra: 1 });
    const expected = [
      { what: "different", key: "3", columns: ["name"] },
      { what: "extra", key: "61", columns: [] },
      { what: "missing", key: "60", columns: [] },
    ];
    expect(verdict.differences).toHaveLength(3);
    expect(verdict.differences).toEqual(expect.arrayContaining(expected));
    expect(told).toEqual(verdict.differences);
  });

  test("notices cells swapped between two rows, and a NULL that became empty", async () => {
    await using table = await migratedTable(`${name} swap`, people(rangesHold));
    await tamper(table, 2, "UPDATE $t SET score = CASE id WHEN 6 THEN 6 ELSE 2 END WHERE id IN (6, 18)");
    await tamper(table, 4, "UPDATE $t SET score = 0 WHERE id = 12");
    const { differences } = await table.verify();
    expect(differences.map(({ key, columns }) => [key, columns])).toEqual([
      ["6", ["score"]],
      ["12", ["score"]],
      ["18", ["score"]],
    ]);
  });

  test("finds extra rows before the first key, after the last, and on two shards at once", async () => {
    await using table = await migratedTable(`${name} ends`, people(rangesHold));
    await tamper(table, 0, "INSERT INTO $t VALUES (-5, 'x', 1), (9999, 'y', 2)");
    await tamper(table, 1, "INSERT INTO $t SELECT 0, 'name 0', NULL");
    const { counts, differences } = await table.verify();
    expect(counts).toEqual({ missing: 0, different: 0, extra: 3 });
    expect(differences.map(({ key }) => Number(key)).sort((a, b) => a - b)).toEqual([-5, 0, 9999]);
  });

  test("counts all differences and names the first few", async () => {
    await using table = await migratedTable(`${name} many`, people(rangesHold));
    await table.run(0, `DELETE FROM \`${table.name}\``);
    const { counts, differences } = await table.verify({ maxDifferences: 4 });
    expect(counts).toEqual({ missing: 18, different: 0, extra: 0 });
    expect(differences.map(({ key }) => key)).toEqual(["0", "6", "12", "18"]);
  });

  test("has composite keys of text and bytes named as SQL", async () => {
    await using table = await migratedTable(`${name} composite`, {
      columns: [
        "who varchar(20) character set latin1 collate latin1_swedish_ci not null",
        "raw varbinary(8) not null",
        "n int",
      ],
      primaryKey: ["who", "raw"],
      rows: ["Ada", "Bob", "it''s", "Zoé"].flatMap((who) =>
        ["00", "00ff"].map((raw) => [`'${who}'`, `x'${raw}'`, "1"]),
      ),
      rangesHold,
      rowsPerChunk: 3,
    });
    expect((await table.verify()).equal).toBe(true);
    await table.run(0, `UPDATE \`${table.name}\` SET n = 2`);
    const { counts, differences } = await table.verify();
    expect(counts.different).toBe(4);
    expect(differences.every(({ key, columns }) => /^\('.*', x'00(ff)?'\)$/.test(key) && columns[0] === "n")).toBe(
      true,
    );
  });

  test("reads the target through the gate", async () => {
    await using table = await migratedTable(`${name.replaceAll(" ", "_")}_gate`, people(rangesHold));
    const { target, sessions } = await gateTarget();
    try {
      expect(await table.verify({ target })).toMatchObject({ equal: true, rows: 35 });
      await tamper(table, 3, "UPDATE $t SET score = 77 WHERE id = 9");
      const { differences } = await table.verify({ target });
      expect(differences).toEqual([{ what: "different", key: "9", columns: ["score"] }]);
    } finally {
      for (const session of sessions) await session.close();
    }
  });
});

const allTypes: TableOptions = {
  columns: [
    "id bigint unsigned not null",
    "price decimal(65,30)",
    "f float",
    "d double",
    "flags bit(13)",
    "name varchar(90) character set latin1 collate latin1_swedish_ci",
    "body mediumtext",
    "raw blob",
    "fixed binary(4)",
    "e enum('a','b')",
    "s set('x','y')",
    "j json",
    "day date",
    "t time(6)",
    "dt datetime(3)",
    "ts timestamp(6)",
    "y year",
    "g geometry",
  ],
  primaryKey: ["id"],
  rows: [
    ["0", ...Array.from({ length: 17 }, () => "NULL")],
    [
      "9223372036854775808",
      "-0.000000000000000000000000000001",
      "5592405.5",
      "1.7976931348623157e308",
      "b'1010101010101'",
      "'Zürich'",
      "REPEAT('😀 ', 400)",
      "x'00ff0a0d27'",
      "'a'",
      "'b'",
      "'x,y'",
      `'{"n": 9007199254740993}'`,
      "'9999-12-31'",
      "'-838:59:59.000000'",
      "'0000-00-00 00:00:00'",
      "'2001-02-03 04:05:06.000007+00:00'",
      "2155",
      "ST_GeomFromText('POINT(1 2)', 4326)",
    ],
    [
      "18446744073709551615",
      ...["0", "0", "-0e0", "0", "''", "''", "''", "''", "''", "''", "'null'", "'1000-01-01'"],
      ...["'0'", "'1000-01-01'", "'1970-01-01 00:00:01+00:00'", "0", "NULL"],
    ],
  ],
  rangesHold: true,
};

test("every kind of column is equal after loading, and every change of one is named", async () => {
  await using table = await migratedTable("verify all types", allTypes);
  const equal = await table.verify();
  expect(equal).toMatchObject({ equal: true, rows: 3, notes: [] });
  const names = table.manifest.columns.slice(1).map((column) => column.name);
  await table.run(1, `UPDATE \`${table.name}\` SET ${names.map((name) => `\`${name}\` = NULL`).join(", ")}`);
  const { differences } = await table.verify();
  expect(differences).toEqual([{ what: "different", key: "9223372036854775808", columns: names }]);
});

test("the zone of the shard's session does not matter", async () => {
  await using table = await migratedTable("verify zones", allTypes);
  await table.run(1, "SET SESSION time_zone = '-07:00'");
  expect(await table.verify()).toMatchObject({ equal: true, notes: [] });
  await table.run(1, `UPDATE \`${table.name}\` SET name = 'Zurich'`);
  const { differences } = await table.verify();
  expect(differences).toEqual([{ what: "different", key: "9223372036854775808", columns: ["name"] }]);
});

test("a large table without ranges is summed in steps along its key", async () => {
  await using table = await migratedTable("verify steps", { ...people(false, 2600), rowsPerChunk: 2600 });
  // As if the rows were large: steps are then as small as they get.
  const chunks = table.chunks.map((chunk) => ({ ...chunk, bytesRaw: 1e12 }));
  expect(await table.verify({ chunks })).toMatchObject({ equal: true, targetRows: 2600 });
  await tamper(table, 2599, "UPDATE $t SET score = 99 WHERE id = 7797");
  expect((await table.verify({ chunks })).differences).toEqual([
    { what: "different", key: "7797", columns: ["score"] },
  ]);
});

test("a table without a key is compared as a bag of rows", async () => {
  const rows = Array.from({ length: 12 }, (_, i) => [`'row ${i % 5}'`, "NULL"]);
  await using table = await migratedTable("verify keyless", {
    columns: ["a varchar(20)", "b int"],
    primaryKey: [],
    rows,
    rangesHold: false,
    rowsPerChunk: 100,
  });
  expect((await table.verify()).equal).toBe(true);
  await table.run(0, `UPDATE \`${table.name}\` SET b = 1 WHERE a = 'row 0' LIMIT 1`);
  await table.run(1, `INSERT INTO \`${table.name}\` VALUES ('row 1', NULL)`);
  const { counts, differences } = await table.verify();
  expect(counts).toEqual({ missing: 1, different: 0, extra: 2 });
  expect(differences.find(({ what }) => what === "missing")?.key).toMatch(
    /^row \d+ of chunk 1-1 with CRC-32 [0-9a-f]{8}$/,
  );
});

test("an empty table is equal, and a row in it is extra", async () => {
  await using table = await migratedTable("verify empty", { ...people(true, 0) });
  expect(await table.verify()).toMatchObject({ equal: true, rows: 0 });
  await table.run(1, `INSERT INTO \`${table.name}\` VALUES (7, 'x', 1)`);
  expect((await table.verify()).differences).toEqual([{ what: "extra", key: "7", columns: [] }]);
});

test("ranges with a gap between them do not hide rows in the gap", async () => {
  await using table = await migratedTable("verify gap", people(true));
  const chunks = table.chunks.filter((_, index) => index !== 1);
  const { counts } = await table.verify({ chunks });
  expect(counts).toEqual({ missing: 0, different: 0, extra: 10 });
});

test("it stops when asked to", async () => {
  await using table = await migratedTable("verify stop", people(true));
  await expect(table.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "interrupted" });
});

test.each([true, false])(
  "with the chunk files gone a difference is counted, not named (by ranges: %s)",
  async (rangesHold) => {
    await using table = await migratedTable(`verify gone ${rangesHold}`, people(rangesHold));
    await Promise.all(table.chunks.map(({ file }) => rm(file)));
    expect(await table.verify()).toMatchObject({ equal: true, notes: [] });
    await table.run(0, `DELETE FROM \`${table.name}\` WHERE id IN (0, 6)`);
    const verdict = await table.verify();
    expect(verdict).toMatchObject({ equal: false, differences: [], counts: { missing: 2, different: 0, extra: 0 } });
    expect(verdict.notes[0]).toContain("because a chunk file is gone");
  },
);

test("a damaged chunk file is refused rather than compared", async () => {
  await using table = await migratedTable("verify damaged", people(true));
  await table.run(0, `DELETE FROM \`${table.name}\` WHERE id = 0`);
  await truncate(table.chunks[0]?.file ?? "", 100);
  await expect(table.verify()).rejects.toMatchObject({ code: "files" });
});

test("a keyless table with more rows than a tablet answers at once is read whole through the gate", async () => {
  const rows = Array.from({ length: 21_000 }, (_, i) => [`'row ${i}'`]);
  await using table = await migratedTable("verify_keyless_gate", {
    columns: ["a varchar(20)"],
    primaryKey: [],
    rows,
    rangesHold: false,
    rowsPerChunk: 21_000,
  });
  await table.run(0, `UPDATE \`${table.name}\` SET a = 'other' WHERE a = 'row 0'`);
  const { target, sessions } = await gateTarget();
  try {
    expect((await table.verify({ target })).counts).toEqual({ missing: 1, different: 0, extra: 1 });
  } finally {
    for (const session of sessions) await session.close();
  }
});
