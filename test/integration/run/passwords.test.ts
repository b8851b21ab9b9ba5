import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { hasTerminals, onTerminal } from "../../support/terminal.ts";
import { type Migration, newMigration, onShards, urls } from "./migration.ts";

const table = "run_passwords";
const source = inject("source").password;
const target = inject("vtgate").password;
const { source: sourceUrl, target: targetUrl } = urls("run_passwords");
let migration: Migration;

beforeAll(async () => {
  migration = await newMigration("run_passwords", {
    [table]: {
      source: [`CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY)`, `INSERT INTO ${table} VALUES (1), (2)`],
    },
  });
});
afterAll(() => migration?.[Symbol.asyncDispose]());
beforeEach(() => migration.clear());

test("passwords from files: no variable is needed, and a file that others may read is warned of in every command", async () => {
  await migration.configure({
    source: { url: sourceUrl, passwordFile: "source.txt" },
    target: { url: targetUrl, passwordFile: "./target.txt" },
  });
  await writeFile(join(migration.folder, "source.txt"), `${source}\n`, { mode: 0o600 });
  await writeFile(join(migration.folder, "target.txt"), target);
  await chmod(join(migration.folder, "target.txt"), 0o644);
  for (const verb of ["plan", "run", "verify", "status"]) {
    const ran = await migration.run(verb, [], { env: { SOURCE_PASSWORD: "", TARGET_PASSWORD: "" } });
    expect(ran.error, verb).toBeNull();
    const warnings = ran.events.filter((event) => event.type === "warning" && event.code === "config");
    expect(warnings, verb).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/Other users may read .*target\.txt, .*chmod 600/) }),
    ]);
  }
  expect(await onShards(`SELECT id FROM ${table}`)).toHaveLength(2);
});

test("a password in a URL on the command line is refused, with what to do instead, and not repeated", async () => {
  await migration.configure();
  for (const json of [true, false]) {
    const result = await migration.run("plan", ["--source", sourceUrl.replace("@", ":hush-hush-82@")], { json });
    const said = result.stdout + result.stderr;
    expect(result.exitCode).toBe(2);
    expect(said).toContain("--source holds a password, which the process list shows");
    expect(said).toContain("source.passwordFile");
    expect(said).toContain("--ask-passwords");
    expect(said).not.toContain("hush-hush-82");
  }
  const misspelt = await migration.run("plan", [`--sorce=${sourceUrl.replace("@", ":hush-hush-82@")}`]);
  expect(misspelt.exitCode).toBe(2);
  expect(misspelt.stdout + misspelt.stderr).toMatch(/unknown option/);
  expect(misspelt.stdout + misspelt.stderr).not.toContain("hush-hush-82");
});

test("--ask-passwords without a terminal is refused by name, and does nothing where nothing is missing", async () => {
  await migration.configure({ source: { url: sourceUrl }, target: { url: targetUrl, password: target } });
  const refused = await migration.run("plan", ["--ask-passwords"]);
  expect(refused.exitCode).toBe(2);
  expect(refused.error).toMatchObject({
    code: "usage",
    message: "--ask-passwords cannot ask for the source password: standard input is no terminal.",
    todo: expect.stringContaining("source.passwordFile"),
  });
  await migration.configure();
  expect((await migration.run("plan", ["--ask-passwords"])).error).toBeNull();
});

const terminals = await hasTerminals();
if (!terminals) process.stderr.write("SKIPPED: passwords typed on a terminal; there is no util-linux script command\n");

describe.skipIf(!terminals)("on a terminal", () => {
  const run = (args: readonly string[], ...typed: { after: RegExp; keys: string }[]) =>
    onTerminal([...args, "-c", migration.configFile, "--ask-passwords"], { cwd: migration.folder, typed });
  const asked = /Password of the (?:source|target) \(\w+:\/\/[^)]*\): $/;

  test("passwords are asked for side by side, not shown, and those of other sides not asked for", async () => {
    await migration.configure({ source: { url: sourceUrl }, target: { url: targetUrl } });
    const ran = await run(["run"], { after: asked, keys: `${source}\r` }, { after: asked, keys: `${target}\r` });
    expect(ran.exitCode, ran.screen).toBe(0);
    expect(ran.screen).toContain(`Password of the source (${sourceUrl}): `);
    expect(ran.screen).toContain(`Password of the target (${targetUrl}): `);
    expect(ran.screen).not.toContain(source);
    expect(ran.screen).not.toContain(target);
    expect(await onShards(`SELECT id FROM ${table}`)).toHaveLength(2);

    const planned = await run(["schema", "print"], { after: asked, keys: `${source}\r` });
    expect(planned.exitCode, planned.screen).toBe(0);
    expect(planned.screen).not.toContain("of the target");
  });

  test("a wrong one is refused by the server, and not shown", async () => {
    await migration.configure({ source: { url: sourceUrl }, target: { url: targetUrl, password: target } });
    const ran = await run(["plan"], { after: asked, keys: "mistyped-55\r" });
    expect(ran.exitCode).toBe(1);
    expect(ran.screen).toContain("refused the login");
    expect(ran.screen).not.toContain("mistyped-55");
  });

  test.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("%s ends it with nothing done", async (_, keys) => {
    await migration.configure({ source: { url: sourceUrl }, target: { url: targetUrl } });
    const ran = await run(["run"], { after: asked, keys });
    expect(ran.exitCode, ran.screen).toBe(130);
    expect(await onShards(`SELECT id FROM ${table}`)).toEqual([]);
  });
});
