import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineRowTransform, defineTransform, VtpipeError, z } from "../../../src/index.ts";
import { runTransforms, type TransformTest } from "../../../src/testing/index.ts";

const columns = { id: "int unsigned not null", email: "varchar(255)", photo: "varbinary(9)" };
const salt = "s";

const shout = defineTransform({
  name: "shout",
  purpose: "Adds a mark.",
  parameters: z.strictObject({ column: z.string(), mark: z.string().default("!") }),
  plan({ column, mark }, input) {
    const { slot } = input.column(column);
    return {
      columns: input.columns,
      writes: [slot],
      warnings: ["It is loud."],
      rows(row) {
        const value = row.get(slot);
        if (value?.length === 0) throw new Error("nothing to shout");
        if (value !== null) row.set(slot, Buffer.concat([value, Buffer.from(mark)]));
        return true;
      },
    };
  },
});

/** The error of a test that has to fail. */
async function errorOf(test: TransformTest): Promise<VtpipeError> {
  const error: unknown = await runTransforms(test).then(
    () => null,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(VtpipeError);
  return error as VtpipeError;
}

describe("runTransforms", () => {
  it("runs built-ins: columns, rows, class and what is warned of as a run would have them", async () => {
    const result = await runTransforms({
      columns,
      transforms: [
        { rename: { column: "email", to: "mail" } },
        { hash: { column: "mail", salt, encoding: "bigint" } },
        { set: { column: "tenant", type: "int not null", value: 7 } },
      ],
      rows: [
        { email: "a@b", photo: Buffer.from([0, 0xff]), id: 1 },
        [2n, null, null],
        ["4294967295", "", new Uint8Array([0x61])],
      ],
    });
    expect(result.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...["id int unsigned", "mail bigint unsigned", "photo varbinary(9)", "tenant int"],
    ]);
    expect(result.rows).toEqual([
      { id: "1", mail: expect.stringMatching(/^\d+$/), photo: Buffer.from([0, 0xff]), tenant: "7" },
      { id: "2", mail: null, photo: null, tenant: "7" },
      { id: "4294967295", mail: expect.stringMatching(/^\d+$/), photo: Buffer.from("a"), tenant: "7" },
    ]);
    expect(result.class).toBe("sql-twin");
    expect(result.warnings).toEqual([]);
    expect(result.collisions).toEqual([{ column: "mail", text: expect.stringContaining("64 of 256 bits") }]);
  });

  it("leaves rows alone without transforms, and knows rows that are dropped", async () => {
    const rows = [{ id: 1, email: "x", photo: null }];
    expect((await runTransforms({ columns, transforms: [], rows })).rows).toEqual([
      { id: "1", email: "x", photo: null },
    ]);
    const dropped = await runTransforms({ columns, transforms: [{ filter: { where: { id: { gt: 1 } } } }], rows });
    expect(dropped.rows).toEqual([]);
  });

  it("runs definitions, each with its own parameters and `when`", async () => {
    const typed = defineRowTransform<{ email: string | null }>()({
      name: "shout",
      purpose: "Has the name of another.",
      writes: ["email"],
      row(row) {
        row.email = `${row.email}?`;
        return row.email !== "gone!?";
      },
    });
    const { rows, ...result } = await runTransforms({
      columns,
      transforms: [
        { use: { transform: shout, parameters: { column: "email" } } },
        { use: { transform: shout, parameters: { column: "photo", mark: "." } }, when: { id: 2 } },
        { use: { transform: typed } },
      ],
      rows: [
        [1, "a", "p"],
        [2, "b", "q"],
        [3, "gone", null],
      ],
    });
    expect(result.class).toBe("js-only");
    expect(result.warnings).toEqual(["transforms[0].use: It is loud.", "transforms[1].use: It is loud."]);
    expect(rows.map((row) => Object.values(row).map(String).join(" "))).toEqual(["1 a!? p", "2 b!? q."]);
  });

  it("gives a failing row's error as a run does: table, step and key", async () => {
    const failing = { columns, transforms: [{ use: { transform: shout, parameters: { column: "email" } } }] };
    const rows = [
      [1, "a", null],
      [7, "", "p"],
    ] as const;
    const error = await errorOf({ ...failing, table: "people", key: ["photo", "id"], rows });
    expect(error.code).toBe("transform");
    expect(error.message).toContain(
      'Table "people": transform use shout (transforms[0].use) failed on the row with photo',
    );
    expect(error.message).toContain("id = 7: nothing to shout");
    expect(error.context).toMatchObject({ table: "people", step: "transforms[0].use" });
    expect((await errorOf({ ...failing, rows })).context).toMatchObject({ table: "t", key: "id = 7" });
  });

  it("holds a definition to what a run holds it to", async () => {
    const late = defineTransform({
      name: "late",
      purpose: "Answers later.",
      parameters: z.strictObject({}),
      plan: (_, input) => ({ columns: input.columns, writes: [], rows: (async () => true) as never }),
    });
    const error = await errorOf({ columns, transforms: [{ use: { transform: late } }], rows: [[1, null, null]] });
    expect(error.message).toContain("promise");
  });

  it.each<[string, Partial<TransformTest>, string]>([
    ["an unknown transform", { transforms: [{ hsah: { column: "email" } }] }, 'transforms[0].hsah: (.|\n)*"hash"'],
    ["wrong parameters", { transforms: [{ hash: { column: "email" } }] }, "transforms[0].hash.salt: "],
    ["a wrong column", { transforms: [{ hash: { column: "emial", salt } }] }, '"emial" at this step.*"email"'],
    ["a wrong type", { columns: { id: "itn" } }, '"itn" is not a MySQL column type'],
    [
      "a module that is not there",
      { transforms: [{ use: { module: "./no.ts" } }] },
      "transforms[0].use.module: .*no.ts",
    ],
    ["no definition", { transforms: [{ use: { transform: {} as never } }] }, "not a transform"],
    [
      "a definition's wrong parameters",
      { transforms: [{ use: { transform: shout, parameters: { column: 5 } } }] },
      "transforms[0].use.parameters.column: ",
    ],
    [
      "sql",
      { transforms: [{ sql: { column: "email", expression: "1" } }] },
      "transforms[0].sql: .* computed by the source",
    ],
    ["a wrong name in a row", { rows: [{ id: 1, emial: "x", photo: null }] }, 'rows[0].emial: .*"email"'],
    ["a row that lacks a column", { rows: [{ id: 1, email: "x" }] }, "rows[0].photo: "],
    ["a row that is too short", { rows: [[1, null, null], [2]] }, "rows[1]: It has 1 cells for 3 columns"],
    ["a number that is not whole", { rows: [[1.5, null, null]] }, "rows[0].id: Write numbers"],
    ["an object for a cell", { rows: [[1, {} as never, null]] }, "rows[0].email: Expected a text"],
  ])("refuses %s", async (_, change, said) => {
    const error = await errorOf({ columns, transforms: [], rows: [], ...change });
    expect(error.code).toBe("config");
    expect(error.message).toMatch(new RegExp(said.replaceAll(/[[\]]/g, "\\$&")));
  });
});

describe("a module by its path", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vtpipe-testing-"));
    const text = `import { defineRowTransform } from "vtpipe";
      export default defineRowTransform<{ email: string | null }>()({
        name: "upper", purpose: "Capitals.", writes: ["email"],
        row(row) { row.email = row.email?.toUpperCase() ?? null; return true; },
      });`;
    await writeFile(join(folder, "upper.ts"), text);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("is loaded as a worker loads it", async () => {
    const { rows } = await runTransforms({
      columns,
      transforms: [{ use: { module: "./upper.ts" } }],
      rows: [[1, "aß", null]],
      baseDirectory: folder,
    });
    expect(rows).toEqual([{ id: "1", email: "ASS", photo: null }]);
  });
});
