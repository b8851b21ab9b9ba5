import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileConfig, loadConfig } from "../../../src/config/load-config.ts";
import { secretsOf } from "../../../src/config/secrets.ts";
import { VtpipeError } from "../../../src/contracts/errors.ts";

const hex = "0123456789abcdef".repeat(4);
const base64 = Buffer.from(hex, "hex").toString("base64");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-key-"));
});
afterAll(() => rm(folder, { recursive: true }));

const withSection = (encryption: unknown, env: Record<string, string> = {}) =>
  compileConfig({ version: 1, encryption }, join(folder, "vtpipe.yaml"), env);

function refusal(encryption: unknown, env: Record<string, string> = {}): string {
  try {
    withSection(encryption, env);
  } catch (error) {
    if (error instanceof VtpipeError && error.code === "config") return error.message;
    throw error;
  }
  throw new Error("expected a refusal");
}

test("without the section nothing is encrypted", () => {
  expect(compileConfig({ version: 1 }, null, {}).encryption).toBeNull();
});

test.each([hex, hex.toUpperCase(), base64, base64.replace("=", "")])("a key may be written as %s", (text) => {
  const config = withSection({ key: `\${KEY}` }, { KEY: text });
  expect(config.encryption).toEqual({ key: text });
  expect(secretsOf(config)).toEqual([text]);
});

test("a key may stand in a file of its own, beside the config, with a line end", async () => {
  const file = join(folder, "run.key");
  await writeFile(file, `${base64}\n`, { mode: 0o600 });
  await writeFile(join(folder, "vtpipe.yaml"), "version: 1\nencryption: { keyFile: run.key }\n");
  const config = await loadConfig(join(folder, "vtpipe.yaml"), {});
  expect(config.encryption).toEqual({ key: base64 });
  expect(secretsOf(config)).toEqual([base64]);
  expect(config.warnings).toEqual([]);

  const inside = compileConfig(
    { version: 1, directory: ".", encryption: { keyFile: "run.key" } },
    join(folder, "c.yaml"),
    {},
  );
  expect(inside.warnings).toEqual([
    `The key in ${file} lies in the run directory that it encrypts: whoever gets one has both.`,
  ]);

  await chmod(file, 0o644);
  expect(withSection({ keyFile: "run.key" }).warnings).toEqual([
    `Other users may read the key in ${file}; chmod 600 keeps them out.`,
  ]);
});

const expected = "32 bytes as base64 or as 64 hex digits, which `openssl rand -base64 32` makes; a passphrase is none";

test.each(["", "correct horse battery staple", hex.slice(2), `${hex}00`, base64.slice(4), `${base64}=`, ` ${base64}`])(
  "%o is no key, and is not shown",
  (text) => {
    const shown = text.trim() || "\0";
    const message = refusal({ key: `\${KEY}` }, { KEY: text });
    expect(message).toContain(`encryption.key: Expected ${expected}, found a value that is not shown here.`);
    expect(message).not.toContain(shown);
    expect(refusal({ key: text })).not.toContain(shown);
  },
);

test("a file without a key is refused, whatever is in it is not shown", async () => {
  const file = join(folder, "no.key");
  for (const text of ["correct horse battery staple", "", `${hex} ${hex}`, `${base64}${"A".repeat(5000)}`]) {
    await writeFile(file, text);
    const message = refusal({ keyFile: "no.key" });
    expect(message).toContain(`encryption.keyFile: ${file} does not hold ${expected}.`);
    expect(message).not.toContain(text.slice(0, 10) || "\0");
  }
  expect(refusal({ keyFile: "missing.key" })).toContain(
    `encryption.keyFile: ${join(folder, "missing.key")} cannot be read: it does not exist.`,
  );
  expect(refusal({ keyFile: "." })).toContain(`${folder} cannot be read: EISDIR`);
});

test("key and keyFile together, and neither, are refused, along with whatever else is wrong", () => {
  expect(refusal({ key: hex, keyFile: "x" })).toContain("encryption: There are a key and a keyFile. Keep one of them.");
  expect(refusal({})).toContain("encryption: This takes a key or a keyFile.");
  expect(refusal({ key: hex, file: "x" })).toContain("encryption.file: There is no such key here.");
  expect(refusal({ key: `\${NO_KEY}` })).toContain("the environment variable NO_KEY is not set");
  try {
    compileConfig({ version: 1, encryption: {}, load: { statementRows: { min: 5, max: 1 } } }, null, {});
    expect.unreachable();
  } catch (error) {
    expect((error as VtpipeError).message).toContain("has 2 problems");
  }
});
