import { describe, expect, it } from "vitest";
import type { Column } from "../../../src/contracts/schema.ts";
import type { ConfiguredStep } from "../../../src/contracts/transform.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { readList } from "../../../src/mysql/read-expression.ts";
import type { Session } from "../../../src/mysql/session.ts";
import { type ChainPlan, planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { constantOf } from "../../../transforms/constants/constant.ts";
import { rowsOf } from "../../support/rows.ts";
import { createEveryType, everyColumn, everyRowCount, insertEveryType } from "../mysql/every-type.ts";
import { inOwnDatabase } from "../mysql/own-database.ts";

/** An ordinary session, and one like that of VReplication's applier. */
const sessions: Readonly<Record<string, readonly string[]>> = {
  "an ordinary session": ["SET NAMES utf8mb4", "SET time_zone = '+05:30'", "SET sql_mode = DEFAULT"],
  "VReplication's session": ["SET NAMES binary", "SET time_zone = '+00:00'", "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'"],
};

const registry = await loadRegistry([], "/");
const steps = (entries: readonly [string, Record<string, unknown>][]): ConfiguredStep[] =>
  entries.map(([name, parameters], i) => ({ name, parameters, path: `[${i}].${name}` }));

async function cells(session: Session, sql: string, columns: number): Promise<(Buffer | null)[][]> {
  const rows: (Buffer | null)[][] = [];
  for await (const batch of session.readRows(sql)) rows.push(...rowsOf(batch, columns));
  return rows;
}

/** Rows through `apply`, and the same rows by the twins, in each kind of session. */
async function compare(session: Session, plan: ChainPlan, table: string, columns: readonly Column[]): Promise<void> {
  const byRows: (Buffer | null)[][] = [];
  await session.run("SET NAMES utf8mb4");
  await session.run("SET time_zone = '+00:00'");
  for await (const batch of session.readRows(`SELECT ${readList(columns)} FROM ${table} ORDER BY id`)) {
    byRows.push(...rowsOf(plan.apply(batch), plan.columns.length));
  }
  expect(byRows).toHaveLength(everyRowCount);
  const outputs = [...plan.twins.keys()];
  for (const [name, settings] of Object.entries(sessions)) {
    for (const setting of settings) await session.run(setting);
    const list = outputs.map((output) => plan.twins.get(output)).join(", ");
    const bySql = await cells(session, `SELECT ${list} FROM ${table} ORDER BY id`, outputs.length);
    expect(bySql).toHaveLength(everyRowCount);
    bySql.forEach((row, r) => {
      outputs.forEach((output, i) => {
        const found = row[i]?.toString() ?? null;
        expect(found, `${name}, row ${r}, ${plan.columns[output]?.name}`).toBe(byRows[r]?.[output]?.toString() ?? null);
      });
    });
  }
}

describe("hash", () => {
  const hashed = everyColumn.filter(({ name }) => name !== "id");

  it.each(["hex", "base64", "bigint"])("as %s equals its twin for every column type", async (encoding) => {
    await inOwnDatabase("transform_hash", async (session) => {
      await session.run(createEveryType("every"));
      for (const insert of insertEveryType("every")) await session.run(insert);
      const salt = "pepper ü '\\ 😀";
      const plan = planChain(
        "every",
        everyColumn,
        steps(hashed.map(({ name }) => ["hash", { column: name, salt, encoding }])),
        registry,
      );
      expect([plan.class, plan.twins.size]).toEqual(["sql-twin", hashed.length]);
      await compare(session, plan, "every", everyColumn);
    });
  });

  it("with a salt longer than a block, and twice in a row, equals its twin", async () => {
    await inOwnDatabase("transform_hash_long", async (session) => {
      await session.run(createEveryType("every"));
      for (const insert of insertEveryType("every")) await session.run(insert);
      for (const length of [63, 64, 65, 200]) {
        const salt = "é".repeat(length);
        const again = { column: "longtext", salt: "other", encoding: "bigint" };
        const chain = steps([
          ["hash", { column: "longtext", salt }],
          ["rename", { column: "longtext", to: "renamed" }],
          ["hash", { ...again, column: "renamed" }],
          ["hash", { ...again, column: "renamed", encoding: "base64" }],
        ]);
        await compare(session, planChain("every", everyColumn, chain, registry), "every", everyColumn);
      }
    });
  });
});

describe("set", () => {
  const constants: readonly [string, unknown][] = [
    ["tinyint", -128],
    ["tinyint", true],
    ["smallint unsigned", "65535"],
    ["mediumint", "+7"],
    ["int not null", 7],
    ["bigint unsigned", "18446744073709551615"],
    ["decimal(5,2)", 7],
    ["decimal(5,2)", "-0.10"],
    ["decimal(65,30)", "-12345678901234567890123456789012345.123456789012345678901234567890"],
    ["decimal", "007"],
    ["decimal(3,3)", "-.5"],
    ["decimal(5,2)", "-0"],
    ["float", 1.1],
    ["float", 16777217],
    ["double", "0.1"],
    ["double", 123456789012345.67],
    ["double", 0.000001],
    ["double", -1e14],
    ["double", 0],
    ["varchar(20)", "Ünïcödé 😀 '\\"],
    ["varchar(20)", ""],
    ["varchar(20)", 5],
    ["char(5) character set latin1", "é€"],
    ["text character set utf16", "漢字"],
    ["varchar(10) character set ascii", "plain"],
    ["enum('a','it''s','é')", "it's"],
    ["set('a','b','c')", "c,a"],
    ["set('a','b','c')", ""],
    ["binary(5)", "ab"],
    ["varbinary(5)", "0x00FF"],
    ["blob", ""],
    ["bit(1)", 1],
    ["bit(12)", "0x0abc"],
    ["bit(64)", "18446744073709551615"],
    ["date", "2024-02-29"],
    ["datetime", "2024-02-29T23:59:59"],
    ["datetime(6)", "2024-02-29 23:59:59.5"],
    ["timestamp(3) null", "2024-03-31 02:30:00.25"],
    ["time(2)", "-838:59:59"],
    ["time", "007:00:00"],
    ["time(6)", "-00:00:00.000001"],
    ["year", 2155],
    ["year", "0000"],
    ["json", { bb: [1, -2.5, true, null, 'é\n\u0001"\\/😀'], a: {}, c: [], é: 1 }],
    ["json", '{"b": 1.5, "a": "x"}'],
    ["json", 12],
    ["point", "0x00000000010100000000000000000000000000000000000000"],
    ["vector(2)", "0x0000803f00000040"],
    ["int", null],
  ];

  it.each(constants)("%s %j is byte for byte what the server makes of its twin", async (type, value) => {
    await inOwnDatabase("transform_set", async (session) => {
      const column = columnFromType("c", type);
      const { bytes, sql } = constantOf("t", column, value);
      for (const [name, settings] of Object.entries(sessions)) {
        for (const setting of [...settings, "SET time_zone = '+00:00'", "SET sql_mode = 'STRICT_ALL_TABLES'"]) {
          await session.run(setting);
        }
        await session.run(`CREATE TABLE t (c ${type})`);
        await session.run(`INSERT INTO t SELECT ${sql}`);
        await session.run("SET NAMES utf8mb4");
        const [[found] = []] = await cells(session, `SELECT ${readList([column])} FROM t`, 1);
        expect(found?.toString("hex") ?? null, name).toBe(bytes === null ? null : Buffer.from(bytes).toString("hex"));
        await session.run("DROP TABLE t");
      }
    });
  });
});
