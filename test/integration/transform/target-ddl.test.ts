import { describe, expect, it } from "vitest";
import type { TableSchema } from "../../../src/contracts/schema.ts";
import type { ConfiguredStep } from "../../../src/contracts/transform.ts";
import type { Session } from "../../../src/mysql/session.ts";
import { inspectTables } from "../../../src/source/inspect.ts";
import { planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { type TargetDdl, type TargetDdlOptions, targetDdl } from "../../../src/transform/target-ddl.ts";
import { inOwnDatabase } from "../mysql/own-database.ts";

const registry = await loadRegistry([], "/");
const keepAll: TargetDdlOptions = { autoIncrement: "keep", foreignKeys: "keep" };
const usual: TargetDdlOptions = { autoIncrement: "remove", foreignKeys: "drop" };
type Entry = Record<string, unknown>;

async function schemaOf(session: Session, table: string): Promise<TableSchema> {
  const [database] = await session.query("SELECT DATABASE() AS d");
  const [schema] = await inspectTables(session, database?.["d"] ?? "", [table]);
  if (schema === undefined) throw new Error(`no table ${table}`);
  return schema;
}

async function ddl(
  session: Session,
  table: string,
  entries: readonly Entry[],
  options: TargetDdlOptions = usual,
): Promise<TargetDdl> {
  const schema = await schemaOf(session, table);
  const steps = entries.map((entry, i): ConfiguredStep => {
    const name = Object.keys(entry)[0] ?? "";
    return { name, parameters: entry[name], path: `[${i}].${name}` };
  });
  const isGenerated = (column: { generated: unknown }) => column.generated !== null;
  const carried = schema.columns.filter((column) => !isGenerated(column));
  const plan = planChain(table, carried, steps, registry, { absent: schema.columns.filter(isGenerated) });
  return targetDdl(schema, plan, "the target", options);
}

/** Runs the DDL and gives back what the server then says of the table. */
async function created(session: Session, made: TargetDdl): Promise<string> {
  await session.run("DROP TABLE IF EXISTS `the target`");
  await session.run(made.sql);
  const { createStatement } = await schemaOf(session, "the target");
  return createStatement;
}

const nasty = `CREATE TABLE \`na sty\` (
  id bigint unsigned not null auto_increment comment 'it''s, (the) \`key\`; AUTO_INCREMENT',
  \`we,ird\` varchar(20) character set latin1 collate latin1_german1_ci default 'a,b('')' comment '\\\\ \\n %',
  \`back\`\`tick\` int not null default -1,
  \`ünï\` enum('a,b','c''d','(',')','\`x\`') default 'c''d',
  choice set('x'';','z') charset utf8mb4 collate utf8mb4_bin,
  body json default (json_object('a', 1, 'b,', 'c')),
  secret text,
  hidden int default 5 invisible,
  gs varchar(60) generated always as (concat(\`we,ird\`, ',', \`back\`\`tick\`)) stored comment 'from, two',
  gv int as (\`back\`\`tick\` + 1) virtual,
  at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
  place point not null srid 4326,
  free double as (\`back\`\`tick\` * 1.5),
  dflt varchar(40) default (concat('x', \`back\`\`tick\`)),
  primary key (id, \`back\`\`tick\`),
  unique key \`u,1\` (\`we,ird\`(5) desc, \`ünï\`) comment 'a, b',
  key fun ((upper(\`we,ird\`)), \`back\`\`tick\`),
  key inv (hidden) invisible,
  fulltext key ft (secret),
  spatial key sp (place),
  constraint \`pos,itive\` check (\`back\`\`tick\` > -5 and \`we,ird\` <> ','),
  constraint never check (hidden < 100) not enforced
) engine=InnoDB auto_increment=77 default charset=utf8mb4 collate=utf8mb4_unicode_ci comment='a, table; AUTO_INCREMENT=5' row_format=dynamic`;

const partitioned = `CREATE TABLE parts (
  id int not null, day date not null, v int, primary key (id, day)
) partition by range (to_days(day)) subpartition by hash (id) subpartitions 2 (
  partition \`p,0\` values less than (to_days('2024-01-01')) comment 'old, days', partition p1 values less than maxvalue)`;

describe("targetDdl", () => {
  it("without transforms makes the same table", async () => {
    await inOwnDatabase("transform_ddl_same", async (session) => {
      await session.run(nasty);
      await session.run(partitioned);
      for (const table of ["na sty", "parts"]) {
        const before = await schemaOf(session, table);
        const made = await ddl(session, table, [], keepAll);
        expect(made.unmoved).toEqual([]);
        const expected = before.createStatement
          .replace(`CREATE TABLE \`${table}\``, "CREATE TABLE `the target`")
          .replace(" AUTO_INCREMENT=77 ", " ");
        expect(made.sql).toBe(expected);
        // Check names belong to the database, so the copy goes where the original is no more.
        await session.run(`DROP TABLE \`${table}\``);
        // The server prints a character set that was written out, even where it is the table's own.
        const plain = (text: string) => text.replaceAll(" CHARACTER SET utf8mb4", "");
        expect(plain(await created(session, made))).toBe(plain(expected));
      }
    });
  });

  it("renames columns wherever they are used", async () => {
    await inOwnDatabase("transform_ddl_rename", async (session) => {
      await session.run(nasty);
      const made = await ddl(session, "na sty", [
        { rename: { column: "we,ird", to: "tame" } },
        { rename: { column: "back`tick", to: "a`b" } },
        { rename: { column: "gv", to: "computed" } },
        { rename: { column: "id", to: "key" } },
      ]);
      await session.run("DROP TABLE `na sty`");
      const text = await created(session, made);
      expect(made.unmoved).toEqual([]);
      expect(text).not.toContain("we,ird");
      expect(text).toContain("PRIMARY KEY (`key`,`a``b`)");
      expect(text).toContain("`tame`(5) DESC");
      expect(text).toContain("concat(`tame`,");
      expect(text).toContain("`computed` int GENERATED ALWAYS AS ((`a``b` + 1)) VIRTUAL");
      expect(text).toContain("CHECK (((`a``b` > ");
      expect(text).toContain("upper(`tame`)");
      expect(text).toContain("DEFAULT (concat(");
      expect(text).toContain("`key` bigint unsigned NOT NULL COMMENT 'it''s, (the) `key`; AUTO_INCREMENT'");
    });
  });

  it("leaves out keys, checks and partitions of dropped columns, and says so", async () => {
    await inOwnDatabase("transform_ddl_drop", async (session) => {
      await session.run(nasty);
      const made = await ddl(session, "na sty", [{ drop: { columns: ["gs", "we,ird", "secret", "hidden"] } }]);
      expect(made.unmoved.map(({ what, name }) => `${what} ${name}`)).toEqual([
        "index na sty.u,1",
        "index na sty.inv",
        "index na sty.fun",
        "index na sty.ft",
        "check na sty.never",
        "check na sty.pos,itive",
      ]);
      expect(made.unmoved[0]?.why).toBe('column "we,ird" is left out by a transform');
      const text = await created(session, made);
      expect(text).toContain("SPATIAL KEY `sp` (`place`)");
      await session.run(partitioned);
      const parts = await ddl(session, "parts", [{ drop: { columns: ["day"] } }]);
      expect(parts.unmoved.map(({ what }) => what)).toEqual(["index", "partitioning"]);
      expect(await created(session, parts)).not.toContain("PARTITION");
      const renamed = await ddl(session, "parts", [
        { rename: { column: "day", to: "the day" } },
        { rename: { column: "id", to: "n" } },
      ]);
      const text2 = await created(session, renamed);
      expect(text2).toContain("PARTITION BY RANGE (to_days(`the day`))");
      expect(text2).toContain("SUBPARTITION BY HASH (`n`)");
    });
  });

  it("follows partitions by columns, list and key", async () => {
    await inOwnDatabase("transform_ddl_parts", async (session) => {
      for (const by of [
        "range columns (a, b) (partition p values less than (5, 'x,'))",
        "list columns (b) (partition a values in ('a', 'b'))",
        "linear key (b, a) partitions 3",
        "hash (a % 7) partitions 3",
      ]) {
        await session.run(
          `CREATE TABLE parts (a int not null, b varchar(9) not null, primary key (a, b)) partition by ${by}`,
        );
        const made = await ddl(session, "parts", [
          { rename: { column: "a", to: "x`1" } },
          { rename: { column: "b", to: "values" } },
        ]);
        expect(await created(session, made), by).toMatch(/PARTITION BY/);
        await session.run("DROP TABLE parts");
      }
    });
  });

  it("gives changed and new columns their new type", async () => {
    await inOwnDatabase("transform_ddl_types", async (session) => {
      await session.run(`CREATE TABLE people (
        id int not null auto_increment primary key, email varchar(190) not null comment 'it''s one',
        phone varchar(20) default 'none', bio text, n int unsigned default 3,
        key e (email(100)), key p (phone(5)), fulltext key f (bio), key up ((upper(phone))),
        constraint c check (length(phone) > 1)) charset=latin1`);
      const made = await ddl(session, "people", [
        { hash: { column: "email", salt: "s" } },
        { hash: { column: "phone", salt: "s", encoding: "bigint" } },
        { hash: { column: "bio", salt: "s", encoding: "base64" } },
        { set: { column: "n", value: 5 } },
        { set: { column: "tenant id", type: "varchar(20) character set latin1 not null", value: "x" } },
        { set: { column: "at", type: "timestamp(3)", value: null } },
      ]);
      expect(made.unmoved.map(({ what, name }) => `${what} ${name}`)).toEqual([
        "index people.up",
        "index people.f",
        "check people.c",
      ]);
      const text = await created(session, made);
      expect(text.split("\n").slice(1, -1)).toEqual([
        "  `id` int NOT NULL,",
        "  `email` char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'it''s one',",
        "  `phone` bigint unsigned DEFAULT NULL,",
        "  `bio` char(44) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,",
        "  `n` int unsigned DEFAULT '3',",
        "  `tenant id` varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL,",
        "  `at` timestamp(3) NULL DEFAULT NULL,",
        "  PRIMARY KEY (`id`),",
        "  KEY `e` (`email`),",
        "  KEY `p` (`phone`)",
      ]);
    });
  });

  it("keeps or drops foreign keys and AUTO_INCREMENT by option", async () => {
    await inOwnDatabase("transform_ddl_options", async (session) => {
      await session.run("CREATE TABLE parent (id int primary key)");
      await session.run(
        "CREATE TABLE child (id int auto_increment primary key, p int, constraint `f,k` foreign key (p) references parent (id) on delete cascade) auto_increment=9",
      );
      const dropped = await ddl(session, "child", []);
      expect(dropped.unmoved).toEqual([
        { what: "foreign key", name: "child.f,k", why: expect.stringContaining("schema.foreignKeys") },
      ]);
      expect(await created(session, dropped)).not.toMatch(/AUTO_INCREMENT|FOREIGN/);
      const kept = await ddl(session, "child", [{ rename: { column: "p", to: "q" } }], keepAll);
      await session.run("DROP TABLE child");
      const text = await created(session, kept);
      expect(text).toContain("CONSTRAINT `f,k` FOREIGN KEY (`q`) REFERENCES `parent` (`id`) ON DELETE CASCADE");
      expect(text).toContain("`id` int NOT NULL AUTO_INCREMENT");
      expect(text).not.toContain("AUTO_INCREMENT=");
    });
  });

  it.each<[string, Entry, string]>([
    [
      "a generated column of a dropped one",
      { drop: { columns: ["we,ird"] } },
      'column "gs" is generated from "we,ird"',
    ],
    [
      "a generated column of a changed one",
      { set: { column: "back`tick", value: 1 } },
      'column "gs" is generated from "back`tick"',
    ],
  ])("refuses %s", async (_, entry, message) => {
    await inOwnDatabase("transform_ddl_refused", async (session) => {
      await session.run(nasty);
      await expect(ddl(session, "na sty", [entry])).rejects.toThrow(message);
      const all = { drop: { columns: ["gs", "gv", "free", "we,ird"] } };
      await expect(ddl(session, "na sty", [all, { set: { column: "back`tick", value: 1 } }])).rejects.toThrow(
        'column "dflt" has a default computed from "back`tick"',
      );
    });
  });
});
