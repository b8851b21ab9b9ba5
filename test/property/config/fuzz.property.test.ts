import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Config } from "../../../src/config/config.ts";
import { compileConfig, loadConfig } from "../../../src/config/load-config.ts";
import { redactor } from "../../../src/config/redactor.ts";
import { secretsOf } from "../../../src/config/secrets.ts";
import { selectTables } from "../../../src/config/select-tables.ts";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import { builtIns } from "../../../transforms/index.ts";
import { fuzz, fuzzTimeout } from "../../support/fuzz.ts";
import { hostileJson, mutated, mutation } from "../../support/mutations.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-config-fuzz-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const timeout = fuzzTimeout;
const env = { SOURCE_PASSWORD: "open-sesame", SALT: "pepper-and-salt" };
const variable = (name: string): string => `\${${name}}`;

const good = {
  version: 1,
  source: {
    url: "mysql://reader@127.0.0.1:3306/commerce",
    password: variable("SOURCE_PASSWORD"),
    lockTimeoutSeconds: 3,
  },
  target: { url: "vtgate://loader@127.0.0.1:15306/main", vtctld: "127.0.0.1:15999" },
  directory: "./runs/first",
  workers: 4,
  chunkBytes: "1 MiB",
  tables: {
    include: ["*"],
    exclude: ["tmp_*"],
    rules: {
      people: {
        as: "persons",
        where: "deleted_at IS NULL",
        transforms: [
          { rename: { column: "ssn", to: "national_id" } },
          { drop: { columns: ["password"] } },
          { hash: { column: "email", salt: variable("SALT") } },
          { set: { column: "tenant_id", type: "int not null", value: 7 }, when: { country: "DE", age: { ge: 18 } } },
          { use: { module: "./my-transform.ts", parameters: { deep: [{ er: variable("SALT") }] } } },
        ],
      },
    },
  },
  load: { strategy: "values", statementRows: { min: 10, max: 100 } },
  policy: { require: "none" },
  sensitive: ["default", "member_*"],
  handoff: { sourceKeyspace: "commerce", tls: {}, login: { user: "u", password: "p" } },
};

/** What became of a config: itself or a `config` error. Whatever follows from a config without a server is asked of it, too. */
async function attempt(compile: () => Config | Promise<Config>): Promise<"taken" | "refused"> {
  try {
    const config = await compile();
    expect(structuredClone(config)).toEqual(config);
    expect(Object.isFrozen(config.tables.rules)).toBe(true);
    const hide = redactor(secretsOf(config));
    for (const secret of secretsOf(config)) if (secret.length >= 4) expect(hide(secret)).not.toContain(secret);
    selectTables(config.tables, ["people", "orders", "constructor", "__proto__", "`", "tmp_1"]);
    return "taken";
  } catch (error) {
    if (!(error instanceof VtpipeError)) throw error;
    expect([error.code, error.now]).toEqual(["config", "Nothing was read or changed."]);
    return "refused";
  } finally {
    expect(Reflect.ownKeys(Object.prototype)).toEqual(prototypeKeys);
  }
}

const prototypeKeys = Reflect.ownKeys(Object.prototype);

test("the config that is fuzzed is a good one", async () => {
  expect(await attempt(() => compileConfig(good, "/etc/vtpipe.yaml", env))).toBe("taken");
});

test("a config with anything anywhere is taken or refused", { timeout }, async () => {
  await fuzz(
    "configs",
    600,
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      await attempt(() => compileConfig(mutated(good, mutations), "/etc/vtpipe.yaml", env));
    }),
  );
});

test("a transform with any parameters is taken or refused", { timeout }, async () => {
  const parameters = fc.oneof(
    hostileJson,
    fc.dictionary(
      fc.constantFrom("column", "columns", "to", "type", "value", "salt", "from", "sql", "map"),
      hostileJson,
    ),
  );
  const step = fc.tuple(
    fc.constantFrom("use", "constructor", "__proto__", ...builtIns.keys()),
    parameters,
    hostileJson,
  );
  await fuzz(
    "transforms",
    600,
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 3 }), fc.boolean(), async (steps, conditional) => {
      const transforms = steps.map(([name, value, when]) => ({ [name]: value, ...(conditional ? { when } : {}) }));
      await attempt(() => compileConfig({ ...good, tables: { rules: { people: { transforms } } } }, null, env));
    }),
  );
});

test("what a module exports as a config, whatever it is, is taken or refused", { timeout }, async () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withTypedArray: true,
  });
  await fuzz(
    "values as configs",
    400,
    fc.asyncProperty(anything, fc.constantFrom(...Object.keys(good)), async (value, key) => {
      await attempt(() => compileConfig(value, null, env));
      await attempt(() => compileConfig({ ...good, [key]: value }, null, env));
    }),
  );
});

test("YAML with any characters in it is taken or refused", { timeout }, async () => {
  const text = stringify(good);
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 10 }),
    fc.constantFrom(
      "&a ",
      "*a ",
      "<<: ",
      "!!binary ",
      "!!set ",
      "!!js/function ",
      "? ",
      "- ",
      "{",
      "[",
      "|\n",
      "---\n",
      "%YAML 9\n",
      "\t",
      "__proto__: ",
      "constructor: ",
    ),
  );
  const file = join(folder, "vtpipe.yaml");
  const edit = fc.record({ at: fc.nat(text.length), length: fc.nat(20), piece });
  await fuzz(
    "YAML files",
    300,
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
      const edited = edits.reduce(
        (now, { at, length, piece: put }) => now.slice(0, at) + put + now.slice(at + length),
        text,
      );
      await writeFile(file, edited);
      await attempt(() => loadConfig(file, env));
    }),
  );
});

test.each([
  ["an anchor within itself", "version: 1\nsensitive: &a [*a]\n", "nested without end, or holds itself"],
  ["a section within itself", "version: 1\ntables: &a { rules: *a }\n", "nested without end, or holds itself"],
  ["nesting without end", `version: 1\nsensitive: ${"[".repeat(20_000)}${"]".repeat(20_000)}\n`, "vtpipe.yaml"],
  [
    "a rule that would be passed over",
    "version: 1\ntables: { rules: { __proto__: { as: x } } }\n",
    "tables.rules.__proto__ has a name",
  ],
  [
    "a variable that is none",
    `version: 1\ndirectory: ${variable("constructor")}\n`,
    "environment variable constructor is not set",
  ],
])("%s is refused", async (_, text, message) => {
  const file = join(folder, "vtpipe.yaml");
  await writeFile(file, text);
  await expect(loadConfig(file, process.env)).rejects.toMatchObject({
    code: "config",
    message: expect.stringContaining(message),
  });
});

test("a size with blanks without end is refused at once", async () => {
  expect(await attempt(() => compileConfig({ version: 1, chunkBytes: `1${" ".repeat(200_000)}x` }, null, env))).toBe(
    "refused",
  );
});

test("a password of half a character pair is hidden like any other", async () => {
  const source = { url: good.source.url, password: "open\ud800sesame" };
  expect(await attempt(() => compileConfig({ version: 1, source }, null, env))).toBe("taken");
});

test("a module's object that is part of itself is refused by name", () => {
  const circle: Record<string, unknown> = {};
  circle["rules"] = circle;
  expect(() => compileConfig({ version: 1, tables: circle }, null, env)).toThrow(
    "goes more than 100 levels deep, or holds itself",
  );
});
