import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Column } from "../../../src/contracts/schema.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { sourceTypes } from "../../../src/transform/source-types.ts";
import { compile } from "../../support/compile.ts";
import { columnsOf } from "../../support/rows.ts";

/** A compiler takes seconds, more on a busy machine. */
const slow = 60_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-types-"));
});
afterAll(() => rm(folder, { recursive: true }));

const generated: Column = { ...columnFromType("name_length", "int"), generated: "stored" };
const people = columnsOf(
  "id bigint unsigned not null",
  "name varchar(40) not null",
  "state enum('open','pa''id') not null",
  "credit decimal(9,2)",
  "photo blob",
);
const shop = sourceTypes("shop", [{ name: "people", columns: [...people, generated] }], " -c shop.yaml");

describe("the types of a source", () => {
  it("say what a row has in each column, and which command made them", () => {
    expect(shop).toBe(
      [
        "// Made by `vtpipe types -c shop.yaml`. Not to be edited: run it again when the source's tables have changed.",
        "",
        "/** The source's tables by `database.table`: what a row has in each column. For `defineRowTransform` of vtpipe. */",
        "export interface Source {",
        '  "shop.people": {',
        "    /** bigint unsigned not null */",
        `    "id": \`\${bigint}\`;`,
        "    /** varchar(40) not null */",
        '    "name": string;',
        "    /** enum('open','pa''id') not null */",
        `    "state": "open" | "pa'id" | "";`,
        "    /** decimal(9,2) */",
        `    "credit": \`\${number}\` | null;`,
        "    /** blob */",
        '    "photo": Uint8Array | null;',
        "    /** int, stored generated */",
        `    readonly "name_length": \`\${bigint}\` | null;`,
        "  };",
        "}",
        "",
        "/** Name of a table. */",
        "export type Table = keyof Source;",
        "",
        "/** Name of a column of a table. */",
        "export type Column<Name extends Table> = keyof Source[Name];",
        "",
      ].join("\n"),
    );
  });

  it("are the same whatever order the tables come in", () => {
    const [a, b] = ["a", "B"].map((name) => ({ name, columns: people }));
    const both = [a, b] as { name: string; columns: Column[] }[];
    expect(sourceTypes("d", both, "")).toBe(sourceTypes("d", both.toReversed(), ""));
  });

  const hostile = [
    "constructor",
    "__proto__",
    "new",
    "readonly",
    "1",
    "",
    " ",
    "a`b",
    'a"b',
    "a'b",
    "a\\",
    "a\nb",
    "*/",
    "/*",
    `\${x}`,
    "für alle 🐘",
    "\u2028\u2029\u0085\ufeff",
    "\ud800",
    "// ",
    "[x: string]",
  ];

  it("are TypeScript whatever names and members there are", { timeout: slow }, async () => {
    const columns = hostile.map((name): Column => ({ ...columnFromType("x", "int"), name }));
    const members = hostile.map((name) => `'${name.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`).join(",");
    const tables = hostile.map((name) => ({ name, columns: [...columns, columnFromType("e", `enum(${members})`)] }));
    const text = sourceTypes('d"`b', tables, ` -c '*/\n\`.yaml'`);
    const uses = hostile.map(
      (name, i) => `export const t${i}: Source[${JSON.stringify(`d"\`b.${name}`)}][${JSON.stringify(name)}] = null;`,
    );
    const member = `export const m: Source['d"\`b.new']["e"][] = ${JSON.stringify(hostile)};`;
    const use = [`import type { Source } from "./hostile.d.ts";`, ...uses, member].join("\n");
    expect(await compile(folder, { "hostile.d.ts": text, "hostile-use.ts": use })).toEqual([]);
    const wrong = use.replace("= null;", '= "a";');
    expect(await compile(folder, { "hostile.d.ts": text, "hostile-use.ts": wrong })).toHaveLength(1);
  });
});

describe("a transform against them", () => {
  const module = (body: string, columns = 'reads: ["id", "name"], writes: ["state", "credit"]'): string => `
    import { defineRowTransform, z } from "vtpipe";
    import type { Column, Source, Table } from "./shop.d.ts";
    export const table: Table = "shop.people";
    export const column: Column<"shop.people"> = "credit";
    export default defineRowTransform<Source["shop.people"]>()({
      name: "it", purpose: "Tries.", parameters: z.strictObject({ least: z.string() }),
      ${columns},
      adds: { initials: "varchar(20)", total: "BIGINT NOT NULL", digest: "varbinary(20)" },
      row(row, { least }) {
        ${body}
        return true;
      },
    });`;
  const right = `
      row.initials = row.name.slice(0, 1) + least.toUpperCase();
      row.total = \`\${BigInt(row.id) + 1n}\`;
      row.credit = row.credit === null ? "0.50" : \`\${Number(row.credit) * 2}\`;
      if (row.state === "open") row.state = "pa'id";
      row.digest = new Uint8Array(20);
      row.initials = null;`;
  const wrong: readonly (readonly [what: string, module: string, said: string])[] = [
    ["a table that is not there", module("").replace("shop.people", "shop.poeple"), '"shop.poeple"'],
    [
      "another table than is there",
      module("").replace('Source["shop.people"]', 'Source["shop.poeple"]'),
      "shop.poeple",
    ],
    ["a wrong name of a column", module("").replace('"credit";', '"crdit";'), '"crdit"'],
    ["a wrong column read", module("", 'reads: ["nmae"]'), '"nmae"'],
    ["a wrong column written", module("", 'writes: ["nmae"]'), '"nmae"'],
    ["a generated column written", module("", 'writes: ["name_length"]'), '"name_length"'],
    ["a column that is not asked for", module("row.photo;"), "'photo'"],
    ["a wrong name in the row", module("row.nmae;"), "'nmae'"],
    ["a cell set that is only read", module('row.name = "x";'), "read-only"],
    ["an integer cell set to any text", module("row.total = row.name;"), "'string'"],
    ["a cell taken for a number", module("row.total = 5;"), "'5'"],
    ["a cell that may be NULL", module("row.credit.length;"), "null"],
    ["NULL for a cell that may not be", module("row.state = null;"), "null"],
    ["a member that the ENUM does not have", module('row.state = "paid";'), '"paid"'],
    ["text for bytes", module('row.digest = "x";'), "varbinary(20)"],
    ["a wrong parameter", module("least.toFixed();"), "'toFixed'"],
  ];
  let errors: readonly string[] = [];
  beforeAll(async () => {
    const modules = [module(right), ...wrong.map(([, text]) => text)];
    const files = modules.map((text, i): [string, string] => [`module-${i}.ts`, text]);
    errors = await compile(folder, { "shop.d.ts": shop, ...Object.fromEntries(files) });
  }, slow);

  it("is taken when it is right", () => {
    expect(errors.filter((line) => !/^module-[1-9]/.test(line))).toEqual([]);
  });

  it.each(wrong.map(([what, , said], i) => [what, said, i + 1] as const))("is refused with %s", (_, said, number) => {
    const own = errors.filter((line) => line.startsWith(`module-${number}.ts(`));
    expect(own.length).toBeGreaterThan(0);
    expect(own.join("\n")).toContain(said);
  });
});
