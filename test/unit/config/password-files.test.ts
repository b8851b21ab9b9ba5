import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Config } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load-config.ts";
import { secretsOf } from "../../../src/config/secrets.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-passwords-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(name: string, text: string, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

/** A config in the folder whose passwords are in these files. */
async function load(source: string, more = ""): Promise<Config> {
  const text = `version: 1\nsource: { url: "mysql://reader@h/db", passwordFile: ${JSON.stringify(source)} }\n${more}`;
  return loadConfig(await put("vtpipe.yaml", text), {});
}

test("a file's line is the password; the file's place is relative to the config's", async () => {
  await put("source.txt", "open sesame \n");
  await put("target.txt", "pass\r\n");
  await put("vtctld.txt", "no newline");
  const more = [
    `target: { url: "vtgate://l@h/ks", passwordFile: ./target.txt, vtctld: "127.0.0.1:15999" }`,
    `handoff: { sourceKeyspace: ext, login: { user: mover, passwordFile: vtctld.txt } }`,
  ].join("\n");
  const config = await load("source.txt", more);
  expect([config.source?.password, config.target?.password, config.handoff?.login?.password]).toEqual([
    ...["open sesame ", "pass", "no newline"],
  ]);
  expect(config.warnings).toEqual([]);
  expect(secretsOf(config)).toEqual(["open sesame ", "pass", "no newline"]);
  expect(structuredClone(config)).toEqual(config);
});

test("a file that others may read is warned of, and so is one that they may change", async () => {
  for (const mode of [0o640, 0o604, 0o620]) {
    const path = await put(`open-${mode}`, "hush-hush\n", mode);
    const { warnings, source } = await load(path);
    expect(warnings).toEqual([
      `Other users may read ${path}, which holds the source password; chmod 600 keeps them out.`,
    ]);
    expect(source?.password).toBe("hush-hush");
  }
});

test.each([
  ["empty", "\n", "is empty"],
  ["lines", "hush-hush\nmore\n", "has more than one line"],
  ["large", "hush-hush".repeat(1000), "is larger than 4096 bytes"],
])("a file that is no password (%s) is refused, its content not shown", async (name, text, why) => {
  const path = await put(name, text);
  const refused = await load(path).catch((error: unknown) => error as Error);
  expect(refused).toMatchObject({ code: "config", message: `The file with the source password, ${path}, ${why}.` });
  expect(JSON.stringify(refused) + String((refused as Error).stack)).not.toContain("hush-hush");
});

test("a file that is not there is named", async () => {
  await expect(load("none.txt")).rejects.toMatchObject({
    code: "config",
    message: expect.stringContaining(`${join(folder, "none.txt")}, cannot be read: ENOENT`),
    todo: expect.stringContaining("first line"),
  });
});

test("a pipe, as a shell's <(…) makes one, is read to its end", async () => {
  const pipe = join(folder, "pipe");
  await promisify(execFile)("mkfifo", [pipe]);
  const written = writeFile(pipe, "through a pipe\n");
  const config = await load(pipe);
  await written;
  expect([config.source?.password, config.warnings]).toEqual(["through a pipe", []]);
});
