import { AssertionError } from "node:assert";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createJiti } from "jiti";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../../src/config/load-config.ts";
import * as vtpipe from "../../../src/index.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { checksumSelect } from "../../../src/mysql/row-bytes.ts";
import { sampleConfig } from "../../../src/sandbox/sample/sample-config.ts";
import type { SandboxState } from "../../../src/sandbox/state-file.ts";
import * as testing from "../../../src/testing/index.ts";
import { planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { sourceTypes } from "../../../src/transform/source-types.ts";
import { compile } from "../../support/compile.ts";
import { batchOf, rowsOf } from "../../support/rows.ts";
import { root } from "./repository.ts";

const secrets = { SOURCE_PASSWORD: "one", TARGET_PASSWORD: "two", SALT: "pinch" };
let folder: string;

/** The one fenced block of a page in that language that has `mark` in it. */
async function example(page: string, language: string, mark: string): Promise<string> {
  const text = await readFile(join(root, page), "utf8");
  const blocks = [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, code = ""]) => code,
  );
  const found = blocks.filter((code) => code.includes(mark));
  expect(found.length, `one ${language} example with ${mark}`).toBe(1);
  return found[0] ?? "";
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-examples-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("README's configs are taken", async () => {
  const yaml = join(folder, "vtpipe.yaml");
  await writeFile(yaml, await example("README.md", "yaml", "version: 1"));
  const config = await loadConfig(yaml, secrets);
  expect(config.tables.rules["people"]?.transforms.map(({ name }) => name)).toEqual([
    ...["rename", "mask", "drop", "hash", "dateTruncate", "set", "use"],
  ]);
  // The worked example's is the one that the sandbox writes, but for its ports.
  const servers = { host: "127.0.0.1", database: "commerce", keyspace: "main", vtctld: "127.0.0.1:15999" };
  const state = {
    source: { ...servers, port: 13306, reader: { user: "reader", password: "" } },
    target: { ...servers, port: 15306, user: "loader", password: "" },
  } as unknown as SandboxState;
  expect(parse(await readFile(yaml, "utf8"))).toEqual(parse(sampleConfig(state).yaml));
  const module = join(folder, "vtpipe.config.ts");
  await writeFile(module, await example("README.md", "ts", "defineConfig({"));
  expect((await loadConfig(module, secrets)).target?.password).toBe("two");
});

test("README's transform of a user's own does what it says", async () => {
  await writeFile(join(folder, "country-code.ts"), await example("README.md", "ts", "defineTransform({"));
  await writeFile(join(folder, "steps.yaml"), await example("README.md", "yaml", "./country-code.ts"));
  expect(await readFile(join(folder, "steps.yaml"), "utf8")).toContain("parameters: { column: phone, digits: 4 }");
  const parameters = { module: "./country-code.ts", parameters: { column: "phone", digits: 4 } };
  const steps = [{ name: "use", parameters, path: "tables.rules.people.transforms[0].use" }];
  const columns = [columnFromType("id", "bigint not null"), columnFromType("phone", "varchar(20)")];
  const chain = planChain("people", columns, steps, await loadRegistry(steps, folder));
  expect(chain.class).toBe("js-only");
  const rows = chain.apply(
    batchOf([
      [Buffer.from("1"), Buffer.from("+4930901820")],
      [Buffer.from("2"), null],
    ]),
  );
  expect(rowsOf(rows, 2).map((row) => row.map((cell) => cell?.toString() ?? null))).toEqual([
    ["1", "+493"],
    ["2", null],
  ]);
});

test("README's transform on typed columns compiles, and does what it says", { timeout: 60_000 }, async () => {
  const text = await example("README.md", "ts", "defineRowTransform<");
  const columns = [
    columnFromType("name", "varchar(100) not null"),
    columnFromType("credit", "decimal(12,2) not null"),
    columnFromType("password", "varbinary(60) not null"),
  ];
  const types = sourceTypes("commerce", [{ name: "people", columns }], "");
  const later = `import type { CellOf } from "vtpipe";
    import type { Source } from "./source.d.ts";
    export const dropped: Omit<Source["commerce.people"], "password"> = { name: "", credit: "1.5" };
    export const set: (Source["commerce.people"] & { tenant_id: CellOf<"int not null"> })["tenant_id"] = "7";`;
  const files = { "source.d.ts": types, "greeting.ts": text, "later.ts": later };
  // What the remarks in it say does not compile.
  const wrong = {
    "column.ts": text.replace('"name"', '"nmae"'),
    "number.ts": text.replace('= "0.00"', "= 0"),
    "null.ts": text.replace('= "0.00"', "= null"),
  };
  const errors = await compile(folder, { ...files, ...wrong });
  expect(new Set(errors.map((line) => line.split("(")[0]))).toEqual(new Set(Object.keys(wrong)));

  await writeFile(join(folder, "greeting.ts"), text);
  const steps = [{ name: "use", parameters: { module: "./greeting.ts" }, path: "t" }];
  const chain = planChain("people", columns, steps, await loadRegistry(steps, folder));
  const [row] = rowsOf(chain.apply(batchOf([["Ann Lee", "-5.00", "x"].map((cell) => Buffer.from(cell))])), 4);
  expect(row?.map(String)).toEqual(["Ann Lee", "0.00", "x", "Dear Ann,"]);
});

test("README's test of a transform compiles and holds", { timeout: 60_000 }, async () => {
  const text = await example("README.md", "ts", "runTransforms({");
  const files = { "country-code.ts": await example("README.md", "ts", "defineTransform({"), "holds.ts": text };
  const failing = text.replace('phone: "+493"', 'phone: "+49"');
  expect(failing).not.toBe(text);
  expect(await compile(folder, { ...files, "fails.ts": failing })).toEqual([]);
  const jiti = createJiti(import.meta.url, { fsCache: false, virtualModules: { vtpipe, "vtpipe/testing": testing } });
  await jiti.import(join(folder, "holds.ts"));
  await expect(jiti.import(join(folder, "fails.ts"))).rejects.toThrow(AssertionError);
});

test("ARCHITECTURE's checksum statement is the one that is sent", async () => {
  const columns = [columnFromType("id", "bigint not null"), columnFromType("name", "varchar(40)")];
  const plain = (sql: string): string => sql.replace(/\s+/g, "");
  const sent = checksumSelect("`t`", columns, "`id` > 100 AND `id` <= 200");
  expect(plain(await example("ARCHITECTURE.md", "sql", "CRC32"))).toBe(plain(sent));
});
