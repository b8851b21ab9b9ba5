import { expect, test } from "vitest";
import { openSession } from "../../../src/mysql/session.ts";
import { holdBackupLock } from "../../../src/source/backup-lock.ts";
import { inspectDatabase, inspectTables } from "../../../src/source/inspect.ts";
import { changedTables, tableFingerprints } from "../../../src/source/table-fingerprint.ts";
import { inOwnDatabase, sourceAddress } from "./own-database.ts";

test("a database is described with what moves and what does not", async () => {
  await inOwnDatabase("source_inspect", async (session, database) => {
    for (const sql of [
      `CREATE TABLE parent (
        id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, code VARCHAR(20) CHARACTER SET latin1 NOT NULL, note TEXT,
        at DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), made INT AS (LENGTH(code)) STORED,
        seen INT AS (LENGTH(note)) VIRTUAL, hidden INT INVISIBLE, dflt JSON DEFAULT (JSON_ARRAY()),
        UNIQUE code (code), UNIQUE prefixed (note(10)), UNIQUE maybe (hidden), UNIQUE fn ((LENGTH(code) + CONV(code, 36, 10))))`,
      `CREATE TABLE child (a INT, b INT, parent INT UNSIGNED NOT NULL, PRIMARY KEY (b, a),
        CONSTRAINT to_parent FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE)`,
      "CREATE TABLE by_enum (kind ENUM('z', 'a') PRIMARY KEY, code BINARY(16) NOT NULL, n INT NOT NULL, UNIQUE (code), UNIQUE (kind, n))",
      "CREATE TABLE by_cp932 (name VARCHAR(9) CHARACTER SET cp932 PRIMARY KEY)",
      "CREATE TABLE unseen (kind ENUM('z') PRIMARY KEY, a INT NOT NULL, UNIQUE (a) INVISIBLE)",
      "CREATE TABLE mixed (a INT, b INT, PRIMARY KEY (a, b DESC))",
      "CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN MAXVALUE)",
      "CREATE TABLE `odd ``name` (`c``d ü` INT) ENGINE=MyISAM",
      "CREATE VIEW shown AS SELECT id FROM parent",
      "CREATE TRIGGER tg BEFORE INSERT ON child FOR EACH ROW SET NEW.a = 1",
      "CREATE PROCEDURE proc() SELECT 1",
      "CREATE EVENT ev ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1",
    ]) {
      await session.run(sql);
    }
    await session.run("INSERT INTO parent (code) VALUES ('a'), ('b')");
    await session.run("ANALYZE TABLE parent");

    const { tables, unmoved } = await inspectDatabase(session, database);
    const byName = new Map(tables.map((table) => [table.name, table]));
    expect(Array.from(byName.keys())).toEqual([
      ...["by_cp932", "by_enum", "child", "mixed", "odd `name", "parent", "parts", "unseen"],
    ]);
    const parent = byName.get("parent");
    expect(parent).toMatchObject({
      database,
      primaryKey: ["id"],
      chunkKey: { index: "PRIMARY", columns: ["id"] },
      uniqueKeys: [
        { index: "code", columns: ["code"] },
        { index: "PRIMARY", columns: ["id"] },
      ],
      engine: "InnoDB",
      partitioned: false,
      rowsEstimate: 2,
      createStatement: expect.stringMatching(/^CREATE TABLE `parent`/),
    });
    expect(parent?.bytesEstimate).toBeGreaterThan(0);
    const column = (name: string) => parent?.columns.find((one) => one.name === name);
    expect(column("id")).toMatchObject({
      kind: "integer",
      unsigned: true,
      autoIncrement: true,
      nullable: false,
      generated: null,
    });
    expect(column("code")).toMatchObject({
      kind: "text",
      charset: "latin1",
      collation: "latin1_swedish_ci",
      length: 20,
    });
    expect(column("at")).toMatchObject({ kind: "datetime", fsp: 3, generated: null, charset: null });
    expect(column("made")).toMatchObject({ generated: "stored" });
    expect(column("seen")).toMatchObject({ generated: "virtual" });
    expect(column("hidden")).toMatchObject({ invisible: true, nullable: true, generated: null });
    expect(column("dflt")).toMatchObject({ kind: "json", generated: null, charset: null });
    expect(byName.get("child")).toMatchObject({
      primaryKey: ["b", "a"],
      foreignKeys: [{ name: "to_parent", columns: ["parent"], referencedTable: "parent", referencedColumns: ["id"] }],
    });
    expect(byName.get("by_enum")?.chunkKey).toEqual({ index: "code", columns: ["code"] });
    expect(byName.get("by_cp932")?.chunkKey).toBeNull();
    expect(byName.get("unseen")).toMatchObject({
      chunkKey: null,
      uniqueKeys: [{ columns: ["a"] }, { columns: ["kind"] }],
    });
    expect(byName.get("mixed")?.chunkKey).toBeNull();
    expect(byName.get("parts")?.partitioned).toBe(true);
    expect(byName.get("odd `name")).toMatchObject({ engine: "MyISAM", chunkKey: null, columns: [{ name: "c`d ü" }] });

    expect(unmoved.map(({ what, name }) => `${what} ${name}`)).toEqual([
      ...["view shown", "trigger tg", "routine proc", "event ev", "foreign key child.to_parent"],
    ]);
    for (const { why } of unmoved) expect(why).toMatch(/\.$/);

    const some = await inspectTables(session, database, ["parent", "no_such", "shown"]);
    expect(some).toEqual([parent]);
    expect(await inspectTables(session, database, [])).toEqual([]);

    const { tables: asked } = await inspectDatabase(session, database, ({ name }) => name === "parent");
    expect(asked.filter(({ createStatement }) => createStatement !== "")).toEqual([parent]);
    expect(asked.map(({ name }) => name)).toEqual(tables.map(({ name }) => name));
  });
});

test("while the backup lock is held tables can be written but not altered", async () => {
  await inOwnDatabase("source_backup_lock", async (session, database) => {
    await session.run("CREATE TABLE t (id INT PRIMARY KEY)");
    await using holder = await openSession(sourceAddress(), { purpose: "control" });
    const lock = await holdBackupLock(holder, session, 20);
    expect(lock).not.toBeNull();
    await session.run("SET SESSION lock_wait_timeout = 1");
    await session.run("INSERT INTO t VALUES (1)");
    await expect(session.run("ALTER TABLE t ADD c INT")).rejects.toMatchObject({ context: { errno: 1205 } });
    await lock?.release();
    await lock?.release();
    await session.run("SET SESSION lock_wait_timeout = 60");
    await session.run(`ALTER TABLE ${database}.t ADD c INT`);
  });
});

test("fingerprints see changed definitions, not changed rows or counters", async () => {
  await inOwnDatabase("source_fingerprints", async (session, database) => {
    for (const name of ["rows_only", "altered", "dropped"]) {
      await session.run(
        `CREATE TABLE ${name} (id INT PRIMARY KEY AUTO_INCREMENT, v INT COMMENT ') ENGINE=InnoDB AUTO_INCREMENT=3')`,
      );
    }
    const tables = ["rows_only", "altered", "dropped"].map((name) => ({ database, name }));
    const before = await tableFingerprints(session, tables);
    await session.run("INSERT INTO rows_only (v) VALUES (1), (2)");
    await session.run("ALTER TABLE altered MODIFY v BIGINT");
    await session.run("DROP TABLE dropped");
    const after = await tableFingerprints(session, tables);
    expect(changedTables(before, after)).toEqual(["altered", "dropped"]);
    expect(after.get("dropped")).toBeNull();
  });
});
