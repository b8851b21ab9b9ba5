import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { createConnection } from "mysql2/promise";
import { expect, inject, test } from "vitest";
import type { Manifest } from "../../../src/contracts/manifest.ts";
import { vtpipe } from "../../support/cli.ts";
import { testDatabase } from "../../support/database.ts";
import { fuzz, fuzzTimeout } from "../../support/fuzz.ts";
import { type MovedTable, newMigration, onShards, onSource, quoted } from "./migration.ts";

const onVitess = inject("vtgate").kind === "vitess";

/** Characters that end, begin or escape something in SQL, a shell, a path, YAML, JSON, CSV or a terminal; of every length in UTF-8 that a name may have. */
const characters = [
  ..."aB9_$ '\"\\;-#/*%?!:@.,(){}<>&|=~^+[]",
  ...[
    "\n",
    "\r",
    "\t",
    "\x01",
    "\x1b",
    "\x7f",
    "é",
    "ß",
    "Ё",
    "א",
    "漢",
    "\u0301",
    "\u200b",
    "\u2028",
    "\ufeff",
    "\ufffd",
  ],
  // Vitess 24 does not escape it when it reads a tablet's schema, see src/handoff/preflight/table-names.ts.
  ...(onVitess ? [] : ["`", "``"]),
];

/** As a config names a variable. */
const home = `\${HOME}`;

/** Names that mean something to somebody. */
const telling = [
  ...[
    "..",
    ".",
    "/",
    "-- ",
    "/*",
    "*/",
    "CON",
    "nul.txt",
    "a/../b",
    "-rf",
    "~",
    "$(id)",
    "%00",
    home,
    "\\",
    "'",
    "''",
    "\\'",
  ],
  ...["__proto__", "constructor", "hasOwnProperty", "toString", "then", "0", "1e3", "0x10", "NULL", "true", "null"],
  ...[
    "select",
    "table",
    "primary",
    "order",
    "key",
    "x'; DROP TABLE any_names_canary; -- ",
    "#",
    "?",
    ":1",
    "@@version",
    "<b>",
  ],
  ...["x".repeat(64), "漢".repeat(30), "Mixed", "mIXED", "_utf8mb4", "a, b", "a b", " a", "\ufeffa", "\na", "=1+1"],
  ...(onVitess ? [] : ["`", "a`b", "`; DROP TABLE any_names_canary; -- ", "a``b"]),
].filter(isPermitted);

/** MySQL's own rules, and room for what it makes of a name in a file's. */
function isPermitted(name: string): boolean {
  return /[^ \t\n\v\f\r]$/.test(name) && name.length <= 64 && !name.startsWith("#sql");
}

const strange = fc
  .array(fc.constantFrom(...characters), { minLength: 1, maxLength: 24 })
  .map((parts) => parts.join(""))
  .filter((name) => isPermitted(name) && !/^\w+$/.test(name));
const names = (count: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.oneof(fc.constantFrom(...telling), strange), {
    minLength: count,
    maxLength: count,
    selector: (name) => name.toLowerCase(),
  });

const values = ["'); DROP TABLE any_names_canary; -- ", "\\", "`", "", "漢\n\0'\"", home, "=1+1"];
const sqlOf = (text: string): string => `x'${Buffer.from(text).toString("hex")}'`;

/** Names of a table, of its five columns and a key, on the source and on the target. */
interface Named {
  readonly table: string;
  readonly columns: readonly string[];
  readonly key: string;
  readonly target: string;
  readonly renamed: string;
}

/** Every other table has a rule: another name, and its third column too. */
function hasRule(at: number): boolean {
  return at % 2 === 1;
}

function createTable(table: string, columns: readonly string[], key: string): string {
  const [id, text, number, bytes, word] = columns.map(quoted);
  const lines = [
    `${id} INT NOT NULL`,
    `${text} VARCHAR(100)`,
    `${number} DECIMAL(9,2)`,
    `${bytes} BLOB`,
    `${word} CHAR(9) NOT NULL`,
  ];
  return `CREATE TABLE ${quoted(table)} (${lines.join(", ")}, PRIMARY KEY (${id}, ${word}), KEY ${quoted(key)} (${text}(10), ${number})) CHARACTER SET utf8mb4`;
}

function movedTable({ table, columns, key, target, renamed }: Named, at: number): [string, MovedTable] {
  const rows = values.map(
    (value, i) => `(${i}, CONVERT(${sqlOf(value)} USING utf8mb4), ${i}.5, ${sqlOf(value)}, '${i}')`,
  );
  const source = [createTable(table, columns, key), `INSERT INTO ${quoted(table)} VALUES ${rows.join(", ")}`];
  const there = columns.map((column, i) => (i === 2 && hasRule(at) ? renamed : column));
  const vschema = { column_vindexes: [{ column: columns[0] ?? "", name: "run_hash" }] };
  return [
    hasRule(at) ? target : table,
    { source, target: createTable(hasRule(at) ? target : table, there, key), vschema },
  ];
}

/** By names of our own: rows that are objects have no place for every name. */
function selectOf(table: string, columns: readonly string[]): string {
  return `SELECT ${columns.map((column, i) => `${quoted(column)} AS c${i}`).join(", ")} FROM ${quoted(table)}`;
}

/** In a config `${` begins a variable. A function, because `$$` in a replacement's text is one `$`. */
const plain = (text: string): string => text.replaceAll("${", () => "$${");

const tablesPerRun = 4;
const perTable = 8;

test("tables and columns of any name move, are verified and exported", { timeout: 3 * fuzzTimeout }, async () => {
  const anyNames = fc
    .tuple(names(tablesPerRun * 2), fc.array(names(perTable), { minLength: tablesPerRun, maxLength: tablesPerRun }))
    .map(([tables, columns]) =>
      columns.map((own, at): Named => {
        const [table = "", target = ""] = tables.slice(at * 2);
        return { table, target, columns: own.slice(0, 5), key: own[5] ?? "", renamed: own[6] ?? "" };
      }),
    )
    // MySQL has one name for its own key, and a rule cannot be given to every table.
    .filter((all) =>
      all.every(({ key, table }, at) => key.toLowerCase() !== "primary" && !(hasRule(at) && table === "__proto__")),
    );
  await fuzz(
    "names",
    2,
    fc.asyncProperty(anyNames, async (named) => {
      const canary = {
        source: ["CREATE TABLE any_names_canary (id INT PRIMARY KEY)", "INSERT INTO any_names_canary VALUES (1)"],
      };
      const tables = { ...Object.fromEntries(named.map(movedTable)), any_names_canary: canary };
      await using migration = await newMigration("any_names", tables);
      const rules = named.flatMap(({ table, target, columns, renamed }, at): [string, object][] =>
        hasRule(at)
          ? [
              [
                table,
                {
                  as: plain(target),
                  transforms: [{ rename: { column: plain(columns[2] ?? ""), to: plain(renamed) } }],
                },
              ],
            ]
          : [],
      );
      await migration.configure({
        tables: { rules: Object.fromEntries(rules) },
        load: { deferSecondaryKeys: "always" },
      });

      const dumped = await migration.run("dump");
      expect(dumped.error).toBeNull();
      const loaded = await migration.run("load", [migration.directory]);
      expect(loaded.error).toBeNull();
      const verified = await migration.run("verify", [migration.directory]);
      expect([verified.error, verified.summary?.tables.map((one) => one.verified)]).toEqual([
        null,
        Array(tablesPerRun + 1).fill(true),
      ]);
      await expectExported(migration.directory, await printed(migration));

      for (const [at, { table, columns, ...other }] of named.entries()) {
        const source = await onSource(migration.source, selectOf(table, columns));
        const target = hasRule(at) ? other.target : table;
        const there = columns.map((column, i) => (i === 2 && hasRule(at) ? other.renamed : column));
        expect(await onShards(selectOf(target, there))).toEqual(source);
        expect(source).toHaveLength(values.length);
        const keys = await onShards(`SHOW INDEX FROM ${quoted(target)}`);
        expect(keys).toHaveLength(4 * inject("shardServers").length);
      }
      expect(await onShards("SELECT * FROM any_names_canary")).toEqual(['["1"]']);
    }),
    { slow: true },
  );
});

async function printed(migration: Awaited<ReturnType<typeof newMigration>>): Promise<readonly string[]> {
  const { events, error } = await migration.run("schema print");
  expect(error).toBeNull();
  const report = events.find((event) => event.type === "report") as
    | { statements?: readonly { sql: string }[] }
    | undefined;
  return report?.statements?.map(({ sql }) => sql) ?? expect.fail("no statements");
}

/** What `schema print` and `inspect --format sql` give makes the same tables in an empty database. */
async function expectExported(directory: string, statements: readonly string[]): Promise<void> {
  await using database = await testDatabase("any_names_export");
  for (const sql of statements) await database.query(sql);
  const { host, port, user, password } = inject("source");
  const connection = await createConnection({
    host,
    port,
    user,
    password,
    database: database.name,
    multipleStatements: true,
  });
  try {
    const manifest = JSON.parse(await readFile(join(directory, "manifest.json"), "utf8")) as Manifest;
    for (const { file } of manifest.chunks) {
      const shown = await vtpipe(["inspect", join(directory, file), "--format", "sql"], { json: false });
      expect(shown.exitCode, shown.stderr).toBe(0);
      await connection.query(shown.stdout);
    }
    for (const { target, columns } of manifest.tables) {
      const sql = selectOf(
        target,
        columns.map(({ name }) => name),
      );
      expect(await onSource(database, sql)).toEqual(await onShards(sql));
    }
  } finally {
    await connection.end();
  }
}
