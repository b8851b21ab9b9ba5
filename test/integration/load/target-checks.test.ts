import { expect, test } from "vitest";
import { checkServer, checkTargetTables, compareColumns, keyOnTarget } from "../../../src/load/target-checks.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { inspectTables } from "../../../src/source/inspect.ts";
import { prepareForLoading } from "../../../src/vitess/shard-session.ts";
import { inOwnDatabase } from "../mysql/own-database.ts";
import { loadTable, primary } from "./loading.ts";

const columns = [columnFromType("id", "int not null"), columnFromType("v", "varchar(20)")];
const table = loadTable("t", columns, primary("id"));

test("a table is looked at on the target: missing, empty, filled", async () => {
  await inOwnDatabase("vt_load_target_checks", async (session) => {
    await prepareForLoading(session);
    const codes = async (resuming = false): Promise<string[]> =>
      (await checkTargetTables(session, [{ table, resuming }], "shard -80")).flat().map((finding) => finding.code);
    expect(await checkServer(session, "shard -80")).toEqual([]);
    expect(await codes()).toEqual(["target-table-missing"]);
    await session.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    expect(await codes()).toEqual([]);
    await session.run("INSERT INTO t VALUES (1, 'a')");
    expect(await codes()).toEqual(["target-not-empty"]);
    expect(await codes(true)).toEqual([]);
    await session.run("DELETE FROM t");
    await session.run("ALTER TABLE t DROP COLUMN v");
    expect(await codes()).toEqual(["target-refuses-rows"]);
    expect(await session.query("SELECT * FROM t")).toEqual([]);
  });
});

test("of many tables each gets its own findings, also where one of them is missing", async () => {
  await inOwnDatabase("vt_load_many_checks", async (session) => {
    await prepareForLoading(session);
    const name = (at: number): string => `t\`${at}`;
    const tables = Array.from({ length: 120 }, (_, at) => at);
    for (const at of tables) await session.run(`CREATE TABLE \`t\`\`${at}\` (id INT PRIMARY KEY, v VARCHAR(20))`);
    for (const at of [3, 49, 50, 119]) await session.run(`INSERT INTO \`t\`\`${at}\` VALUES (1, 'a')`);
    const codes = async (resumed: number): Promise<Record<string, string>> => {
      const orders = tables.map((at) => ({
        table: loadTable(name(at), columns, primary("id")),
        resuming: at === resumed,
      }));
      const found = await checkTargetTables(session, orders, "shard -80");
      expect(found).toHaveLength(tables.length);
      return Object.fromEntries(
        found.flatMap((findings, at) => findings.map(({ code, table }) => [`${at} ${table}`, code] as const)),
      );
    };
    const filled = { "3 t`3": "target-not-empty", "50 t`50": "target-not-empty", "119 t`119": "target-not-empty" };
    expect(await codes(49)).toEqual(filled);
    expect(await codes(0)).toEqual({ ...filled, "49 t`49": "target-not-empty" });
    await session.run("DROP TABLE `t``60`");
    expect(await codes(49)).toEqual({ ...filled, "60 t`60": "target-table-missing" });
  });
});

test("columns of the real target are compared by name and by what they can hold", async () => {
  await inOwnDatabase("vt_load_columns", async (session) => {
    await session.run(
      "CREATE TABLE t (ID INT NOT NULL, v VARCHAR(10) CHARACTER SET latin1, x INT DEFAULT 3, `y y` INT NOT NULL COMMENT 'no DEFAULT here', z INT NOT NULL DEFAULT 7, g INT AS (id + 1), UNIQUE KEY (v), PRIMARY KEY (ID))",
    );
    const [target] = await inspectTables(session, "vt_load_columns", ["t"]);
    if (target === undefined) throw new Error("no table");
    expect(compareColumns(table, target).map(({ code, column }) => [code, column])).toEqual([
      ["target-column-narrower", "v"],
      ["target-column-extra", "x"],
      ["target-column-without-value", "y y"],
      ["target-column-extra", "z"],
    ]);
    const more = loadTable("t", [...columns, columnFromType("vv", "int"), columnFromType("g", "int")], null);
    expect(compareColumns(more, target)).toMatchObject([
      { code: "target-column-narrower" },
      { code: "target-column-missing", severity: "refusal", column: "vv" },
      { code: "target-column-generated", severity: "refusal" },
      { code: "target-column-extra" },
      { code: "target-column-without-value", severity: "refusal" },
      { code: "target-column-extra" },
    ]);
    expect(keyOnTarget(primary("id"), target)).not.toBeNull();
    expect(keyOnTarget(primary("v"), target)).toBeNull();
  });
});
