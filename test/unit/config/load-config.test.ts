import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigOverrides, requireSource, requireTarget, ruleOf } from "../../../src/config/config.ts";
import { compileConfig, loadConfig } from "../../../src/config/load-config.ts";
import { VtpipeError } from "../../../src/contracts/errors.ts";
import { noLimits } from "../../../src/contracts/limits.ts";

const dollar = (name: string) => `\${${name}}`;
const issue = `
version: 1
source: { url: "mysql://reader@127.0.0.1:3306/commerce", password: "${dollar("SOURCE_PASSWORD")}" }
target: { url: "vtgate://loader@127.0.0.1:15306/main", vtctld: "127.0.0.1:15999" }
directory: ./runs/first
workers: 4
tables:
  include: ["*"]
  exclude: ["tmp_*"]
  rules:
    people:
      as: persons
      where: "deleted_at IS NULL"
      transforms:
        - rename: { column: ssn, to: national_id }
        - drop: { columns: [password] }
        - hash: { column: email, salt: "${dollar("SALT")}" }
        - set: { column: tenant_id, type: "int not null", value: 7 }
        - use: { module: ./my-transform.ts }
`;
const env = { SOURCE_PASSWORD: "open-sesame", SALT: "pepper-and-salt" };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-config-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof VtpipeError && (error.code === "config" || error.code === "usage")) return error.message;
    throw error;
  }
  throw new Error("expected a refusal");
}

/** A small config with `more` merged into its top level. */
const raw = (more: object = {}) => ({
  version: 1,
  source: { url: "mysql://reader@h/db" },
  target: { url: "vtgate://l@h/ks" },
  ...more,
});
const people = (...transforms: unknown[]) => raw({ tables: { rules: { people: { transforms } } } });

describe("loadConfig", () => {
  it("reads the example of the issue", async () => {
    const config = await loadConfig(await file("vtpipe.yaml", issue), env);
    expect(requireSource(config)).toEqual({
      url: "mysql://reader@127.0.0.1:3306/commerce",
      password: "open-sesame",
      passwordFile: null,
      lockTimeoutSeconds: 5,
      silenceSeconds: 60,
    });
    expect(requireTarget(config).vtctld).toBe("127.0.0.1:15999");
    expect(config.directory).toBe(join(folder, "runs/first"));
    expect(config.load).toEqual({
      strategy: "auto",
      sessions: null,
      deferSecondaryKeys: "auto",
      statementRows: { min: 100, max: 4000 },
      statementBytes: { min: 65_536, max: 4_194_304 },
    });
    expect(config.chunkBytes).toBe(32 * 1024 * 1024);
    expect([config.keepFiles, config.verify, config.schema.foreignKeys, config.load.strategy]).toEqual([
      true,
      true,
      "drop",
      "auto",
    ]);
    expect(config.transformTimeoutSeconds).toBe(60);
    expect(config.stallSeconds).toBe(600);
    expect(config.limits).toEqual(noLimits);
    const rule = ruleOf(config.tables, "people");
    expect([rule.as, rule.where]).toEqual(["persons", "deleted_at IS NULL"]);
    expect(rule.transforms[2]).toEqual({
      name: "hash",
      parameters: { column: "email", salt: "pepper-and-salt" },
      path: "tables.rules.people.transforms[2].hash",
    });
    expect(ruleOf(config.tables, "constructor").transforms).toEqual([]);
    expect(Object.isFrozen(rule.transforms[2]?.parameters)).toBe(true);
    expect(structuredClone(config)).toEqual(config);
  });

  it("reads a TypeScript module", async () => {
    const text = `import { defineConfig } from "vtpipe";
const workers: number = 2;
export default defineConfig({ version: 1, workers, source: { url: "mysql://a@h/d" } });`;
    const config = await loadConfig(await file("vtpipe.config.ts", text), {});
    expect([config.workers, config.target]).toEqual([2, null]);
    expect(() => requireTarget(config)).toThrow("No target is configured.");
  });

  it("keeps integers that a number would round", async () => {
    const text = `version: 1\ntables: { rules: { t: { transforms: [{ set: { column: a, value: 18446744073709551615 } }] } } }`;
    const config = await loadConfig(await file("big.yaml", text), {});
    expect(ruleOf(config.tables, "t").transforms[0]?.parameters).toEqual({
      column: "a",
      value: "18446744073709551615",
    });
  });

  it("says where YAML is broken, and which file is missing", async () => {
    await expect(loadConfig(await file("broken.yaml", "version: 1\na: [1\n"), {})).rejects.toThrow(/line 3/);
    await expect(loadConfig(join(folder, "none.yaml"), {})).rejects.toThrow(/none\.yaml does not exist/);
    await expect(loadConfig(await file("broken.ts", "export default {"), {})).rejects.toThrow(
      /broken\.ts cannot be read/,
    );
  });
});

describe("overrides", () => {
  it("lie on top of the file, and paths start from the working directory", () => {
    const config = compileConfig(
      raw({ workers: 2, tables: { exclude: ["a"] } }),
      "/etc/vtpipe.yaml",
      {},
      {
        sourceUrl: "mysql://other@h2/db2",
        directory: "here",
        workers: 3,
        include: ["b*"],
        keepFiles: false,
        chunkBytes: "1 MiB",
      },
    );
    expect(config.source?.url).toBe("mysql://other@h2/db2");
    expect(config.directory).toBe(join(process.cwd(), "here"));
    expect([config.workers, config.keepFiles, config.chunkBytes]).toEqual([3, false, 1048576]);
    expect([config.tables.include, config.tables.exclude]).toEqual([["b*"], ["a"]]);
  });

  it("take a rate beside the file's other limits", () => {
    const config = compileConfig(
      raw({ limits: { maxRate: "1 MiB", threadsRunning: 25 } }),
      null,
      {},
      { maxRate: "5MiB" },
    );
    expect(config.limits).toEqual({ ...noLimits, maxRate: 5 << 20, threadsRunning: 25 });
  });

  it("need no file", async () => {
    const config = await loadConfig(null, {}, { sourceUrl: "mysql://a@h/d", targetUrl: "vtgate://b@h/k" });
    expect([config.file, config.source?.url, config.target?.url]).toEqual([null, "mysql://a@h/d", "vtgate://b@h/k"]);
  });

  it("hold no password, unless as the name of a variable", () => {
    const given = (over: ConfigOverrides) => () => compileConfig(raw(), null, { P: "pass" }, over);
    for (const url of ["mysql://reader:p%40ss@h/db", `mysql://reader:p%40ss${dollar("P")}@h/db`]) {
      const text = refusal(given({ sourceUrl: url }));
      expect(text).toMatch(/--source holds a password, which the process list shows/);
      expect(text).not.toContain("p%40ss");
    }
    expect(refusal(given({ targetUrl: "vtgate://l:pass@h/ks" }))).toMatch(/--target holds a password/);
    expect(given({ sourceUrl: `mysql://r:${dollar("P")}@h/db` })().source?.password).toBe("pass");
  });

  it("have files in URLs start from where they are written: the file's folder, or the working directory", () => {
    const url = "mysql://reader@h/db?tls=verify-ca&ca=tls/ca%20x.pem&cert=/abs/c.pem&key=k.pem";
    const inFile = compileConfig(raw({ source: { url } }), "/etc/vtpipe.yaml", {});
    expect(inFile.source?.url).toBe(
      "mysql://reader@h/db?tls=verify-ca&ca=/etc/tls/ca%20x.pem&cert=/abs/c.pem&key=/etc/k.pem",
    );
    const given = compileConfig(raw(), "/etc/vtpipe.yaml", {}, { targetUrl: "vtgate://l@h/ks?ca=ca.pem" });
    expect(given.target?.url).toBe(`vtgate://l@h/ks?ca=${process.cwd()}/ca.pem`);
  });
});

describe("passwords", () => {
  it("in a URL of the file are taken out of it, with a warning", () => {
    const inFile = compileConfig(raw({ source: { url: "mysql://reader:pass@h/db" } }), null, {});
    expect(inFile.warnings).toEqual([expect.stringContaining("holds a plain password")]);
    const fromEnv = compileConfig(raw({ source: { url: `mysql://r:${dollar("P")}@h/db` } }), null, { P: "pass" });
    expect([fromEnv.warnings, fromEnv.source?.password]).toEqual([[], "pass"]);
  });
});

describe("environment variables", () => {
  it("are put in, also as numbers, and can be escaped", () => {
    const config = compileConfig(raw({ workers: dollar("W"), directory: `/a/$${dollar("W")}/${dollar("W")}` }), null, {
      W: "7",
    });
    expect([config.workers, config.directory]).toEqual([7, `/a/${dollar("W")}/7`]);
  });

  it("are named with their place when they are not set", () => {
    const text = refusal(() => compileConfig(raw({ directory: dollar("HOEM") }), null, { HOME: "/root" }));
    expect(text).toBe(
      `directory uses ${dollar("HOEM")}, but the environment variable HOEM is not set. Did you mean "HOME"?`,
    );
    expect(refusal(() => compileConfig(raw({ directory: "a${b" }), null, { b: "x" }))).toContain("not of the form");
  });

  it("never show in a message", () => {
    const config = { ...raw(), workers: dollar("SECRET") };
    const text = refusal(() => compileConfig(config, null, { SECRET: "hush-hush" }));
    expect(text).toContain(dollar("SECRET"));
    expect(text).not.toContain("hush-hush");
  });
});

describe("a wrong config", () => {
  it.each([
    [raw({ wrokers: 4 }), 'wrokers: There is no such key here. Did you mean "workers"?'],
    [raw({ zzz: 4 }), "zzz: There is no such key here. Known keys: version, source, target,"],
    [raw({ workers: "four" }), 'workers: Expected a whole number from 1 to 64, found "four".'],
    [raw({ workers: 0 }), "workers: Expected a whole number from 1 to 64, found 0."],
    [raw({ chunkBytes: "1 KiB" }), 'chunkBytes: Expected a size from 64 KiB to 1 GiB, like 32 MiB, found "1 KiB".'],
    [raw({ load: { statementRows: { min: 5000 } } }), "load.statementRows: min (5000) is more than max (4000)."],
    [
      raw({ limits: { maxRate: "50 MB" } }),
      'limits.maxRate: Expected a size per second from 1 KiB to 1024 GiB, like 50 MiB, found "50 MB".',
    ],
    [raw({ limits: { maxRte: 1 } }), 'limits.maxRte: There is no such key here. Did you mean "maxRate"?'],
    [
      raw({ limits: { threadsRunning: 0 } }),
      "limits.threadsRunning: Expected a whole number from 1 to 100000, found 0.",
    ],
    [raw({ stallSeconds: 1 }), "stallSeconds: Expected a whole number from 10 to 86400, found 1."],
    [raw({ version: 2 }), "version: Expected 1, found 2."],
    [{}, "version: This is required: 1."],
    [
      raw({ tables: { include: "*" } }),
      'tables.include: Expected a list of table names or globs, like ["*"], found "*".',
    ],
    [
      raw({ tables: { rules: { "my table": { were: "1" } } } }),
      'tables.rules["my table"].were: There is no such key here. Did you mean "where"?',
    ],
    [raw({ schema: { foreignKeys: "maybe" } }), 'schema.foreignKeys: Expected drop or keep, found "maybe".'],
    [raw({ source: { url: "postgres://u:secret@h/d" } }), 'found "postgres://u:***@h/d"'],
    [raw({ source: { url: "mysql:/u:sec:r@et@h/d" } }), 'found "mysql:/u:***@h/d"'],
    [
      raw({ source: { url: "mysql://h/d", password: 5 } }),
      "source.password: Expected a text, found a value that is not shown here.",
    ],
    [
      raw({ source: { url: "mysql://u:a@h/d", password: "b" } }),
      "source.password: There is a password in source.url too.",
    ],
    [
      raw({ source: { url: "mysql://u:a@h/d", passwordFile: "b" } }),
      "source.passwordFile: There is a password in source.url too.",
    ],
    [
      raw({ target: { url: "vtgate://u@h/d", password: "a", passwordFile: "b" } }),
      "target.passwordFile: There is a password in target.password too.",
    ],
    [
      raw({ handoff: { sourceKeyspace: "ext", login: { user: "mover" } } }),
      "handoff.login: Expected exactly one of password and passwordFile.",
    ],
    [
      people({ hash: { colum: "email", salt: "s" } }),
      'tables.rules.people.transforms[0].hash.colum: There is no such key here. Did you mean "column"?',
    ],
    [
      people({ drop: { columns: ["a"] } }, { hash: { column: 1, salt: 1234567 } }),
      "tables.rules.people.transforms[1].hash.column: Expected a column name, found 1.",
    ],
    [
      people({ hsah: {} }),
      'tables.rules.people.transforms[0].hsah: There is no transform of this name. Did you mean "hash"?',
    ],
    [
      people({ drop: {}, hash: {} }),
      "tables.rules.people.transforms[0]: Expected exactly one transform in this entry, found drop, hash.",
    ],
    [
      people("drop"),
      'tables.rules.people.transforms[0]: Expected a transform with its parameters, like `drop: { columns: [password] }`, found "drop".',
    ],
    [
      people({ use: { modul: "./x.ts" } }),
      'tables.rules.people.transforms[0].use.modul: There is no such key here. Did you mean "module"?',
    ],
    [[], "the top level: "],
    ["text", "the top level: "],
  ])("%j is refused with its place", (config, message) => {
    expect(refusal(() => compileConfig(config, "/x/vtpipe.yaml", {}))).toContain(message);
  });

  it("never shows a salt", () => {
    expect(refusal(() => compileConfig(people({ hash: { column: 1, salt: 1234567 } }), null, {}))).not.toContain(
      "1234567",
    );
  });

  it("lists every problem at once", () => {
    expect(refusal(() => compileConfig(raw({ workers: 0, verify: "yes" }), "/x.yaml", {}))).toMatch(
      /^\/x\.yaml has 2 problems:\n {2}workers: .*\n {2}verify: /,
    );
  });
});
