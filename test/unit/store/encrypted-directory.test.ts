import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import type { Manifest } from "../../../src/contracts/manifest.ts";
import { openLedger, readLedger } from "../../../src/store/ledger-file.ts";
import { ledgerLine, lineOf, textOf } from "../../../src/store/ledger-line.ts";
import { readManifest, writeManifest } from "../../../src/store/manifest-file.ts";
import { keyOf } from "./encrypted-parts.ts";
import { columnsOf, refusalOf, temporaryFolder } from "./make.ts";

const key = keyOf(1);
const otherKey = keyOf(2);

const manifest: Manifest = {
  format: 2,
  vtpipe: "0.1.0",
  plan: "p",
  createdAt: "2026-11-23T00:00:00Z",
  database: "planted_database",
  tables: [
    {
      source: "planted_table",
      target: "persons",
      folder: "chunks/0001-people",
      columns: columnsOf("planted_column varchar(40) not null"),
      key: { index: "PRIMARY", columns: ["planted_column"] },
      rangesHold: true,
      rangeColumns: ["planted_column"],
      class: "identity",
      fingerprint: "f",
      createStatement: "CREATE TABLE `planted_table` (…)",
    },
  ],
  unmoved: [],
  complete: true,
  snapshots: [
    {
      id: 1,
      position: "MySQL56/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5",
      method: "table locks",
      lockMs: 1.5,
      takenAt: "2026-11-23T00:00:00Z",
      serverUuid: "planted-uuid",
      serverVersion: "9.7.4",
    },
  ],
  chunks: [
    {
      chunk: "1-1",
      table: "planted_table",
      range: { after: null, upTo: ["'planted@example.org'"] },
      exhausted: true,
      file: "chunks/0001-people/1-1.zst",
      rowsRead: 5,
      checksum: { rows: 5, xor: 123456789, sum: "99999999999999999999" },
      bytesRead: 1,
      bytesRaw: 1,
      bytesFile: 1,
      sha256: "a".repeat(64),
      largeRow: { row: "planted_column = 'planted@example.org'", statementBytes: 5 },
      snapshot: 1,
    },
  ],
};

function expectNothingPlanted(text: string): void {
  for (const planted of ["planted", "persons", "123456789", "99999999", "3e11fa47"])
    expect(text).not.toContain(planted);
}

test("a manifest comes back with its key, and has nothing of rows or tables to read without it", async () => {
  const path = join(await temporaryFolder(), "manifest.json");
  await writeManifest(path, { ...manifest, complete: false }, key);
  const first = await readFile(path, "utf8");
  await writeManifest(path, manifest, key);
  expect(await readManifest(path, key)).toEqual(manifest);
  const text = await readFile(path, "utf8");
  expectNothingPlanted(text);
  expectNothingPlanted(first);
  const outer = JSON.parse(text) as { encryption: { salt: string } };
  expect(outer).toEqual({
    format: 3,
    vtpipe: "0.1.0",
    encryption: { cipher: "aes-256-gcm", key: key.id, salt: expect.stringMatching(/^.{43}=$/) },
    manifest: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
  });
  expect(first).not.toContain(outer.encryption.salt);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a manifest with another key, no key, or a key where none belongs is refused by name", async () => {
  const path = join(await temporaryFolder(), "manifest.json");
  await writeManifest(path, manifest, key);
  const other = await refusalOf(() => readManifest(path, otherKey));
  expect([other.code, other.message]).toEqual([
    "config",
    `The manifest ${path} is encrypted with the key ${key.id}, and the config's key is ${otherKey.id}.`,
  ]);
  const none = await refusalOf(() => readManifest(path));
  expect(none.message).toBe(`The manifest ${path} is encrypted with the key ${key.id}, and no key was given.`);
  await writeManifest(path, manifest);
  const plain = await refusalOf(() => readManifest(path, key));
  expect(plain.message).toBe(`The manifest ${path} is not encrypted, and the config has an encryption section.`);
  expect(plain.todo).toContain("as a whole or not at all");
});

test("an encrypted manifest that was changed in any place is refused", async () => {
  const path = join(await temporaryFolder(), "manifest.json");
  await writeManifest(path, manifest, key);
  const good = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown> & {
    encryption: Record<string, string>;
    manifest: string;
  };
  const tag = "is damaged: its authentication tag is wrong";
  const changedText = (at: number): string =>
    `${good.manifest.slice(0, at)}${good.manifest[at] === "A" ? "B" : "A"}${good.manifest.slice(at + 1)}`;
  const cases: [object, string][] = [
    ...[0, 20, 500, good.manifest.length - 5].map((at): [object, string] => [{ manifest: changedText(at) }, tag]),
    [{ encryption: { ...good.encryption, salt: Buffer.alloc(32).toString("base64") } }, tag],
    [{ manifest: "" }, "is damaged: it is no encrypted text"],
    [
      { encryption: { ...good.encryption, salt: "AAAA" } },
      "it is no encrypted manifest (encryption.salt: is not 32 bytes)",
    ],
    [{ encryption: { ...good.encryption, cipher: "rot13" } }, "it is no encrypted manifest (encryption.cipher: "],
    [{ more: 1 }, 'it is no encrypted manifest (the whole: Unrecognized key: "more")'],
    [{ format: 4 }, "has format 4; this version of vtpipe reads format 2 and, encrypted, format 3"],
  ];
  for (const [change, message] of cases) {
    await writeFile(path, JSON.stringify({ ...good, ...change }));
    const error = await refusalOf(() => readManifest(path, key));
    expect(error.code).toBe("files");
    expect(error.message).toContain(message);
  }
});

const run: LedgerRecord = { type: "run", format: 1, plan: "p", vtpipe: "0.1.0", at: "2026-11-23T00:00:00Z" };
const split: LedgerRecord = { type: "split", table: "planted_table", span: 0, at: ["'planted@example.org'"], into: 1 };
const loading: LedgerRecord = { type: "loading", target: "planted_target", chunk: "1-1" };

async function encryptedLedger(...records: readonly LedgerRecord[]): Promise<{ path: string; lines: string[] }> {
  const path = join(await temporaryFolder(), "ledger.jsonl");
  const ledger = await openLedger(path, key);
  for (const record of records) await ledger.append(record);
  await ledger.close();
  return { path, lines: (await readFile(path, "utf8")).split("\n").slice(0, -1) };
}

test("a ledger comes back with its key over several openings, and has nothing to read without it", async () => {
  const { path, lines } = await encryptedLedger(run, split);
  expect(lines).toHaveLength(3);
  expect(JSON.parse(textOf(Buffer.from(lines[0] ?? "")))).toEqual({
    type: "encrypted",
    format: 2,
    encryption: { cipher: "aes-256-gcm", key: key.id, salt: expect.stringMatching(/^.{43}=$/) },
  });
  const again = await openLedger(path, key);
  expect(again.records).toEqual([run, split]);
  await Promise.all([again.append(loading), again.append(loading, split)]);
  await again.close();
  expect((await readLedger(path, key)).records).toEqual([run, split, loading, loading, split]);
  expectNothingPlanted(await readFile(path, "utf8"));
});

test("a ledger with another key, no key, or a key where none belongs is refused by name and stays as it is", async () => {
  const { path } = await encryptedLedger(run, split);
  const before = await readFile(path);
  const other = await refusalOf(() => openLedger(path, otherKey));
  expect([other.code, other.message]).toEqual([
    "config",
    `The ledger ${path} is encrypted with the key ${key.id}, and the config's key is ${otherKey.id}.`,
  ]);
  const none = await refusalOf(() => openLedger(path));
  expect(none.message).toBe(`The ledger ${path} is encrypted with the key ${key.id}, and no key was given.`);
  expect(await readFile(path)).toEqual(before);
  await writeFile(path, ledgerLine(run));
  const plain = await refusalOf(() => openLedger(path, key));
  expect(plain.message).toBe(`The ledger ${path} is not encrypted, and the config has an encryption section.`);
});

test("an encrypted ledger torn at any byte of its last line has all before it, and goes on", async () => {
  const { path, lines } = await encryptedLedger(run, split, loading);
  const whole = await readFile(path);
  const last = Buffer.byteLength(`${lines.at(-1)}\n`);
  for (let cut = 1; cut <= last; cut += 5) {
    await writeFile(path, whole.subarray(0, whole.length - cut));
    const ledger = await openLedger(path, key);
    expect(ledger.records).toEqual([run, split]);
    await ledger.append(loading);
    await ledger.close();
    expect((await readLedger(path, key)).records).toEqual([run, split, loading]);
  }
});

test("a ledger torn within its opening, or right after it, is begun again", async () => {
  const { path, lines } = await encryptedLedger(run);
  for (const rest of [
    "",
    (lines[0] ?? "").slice(0, 30),
    `${lines[0]}\n`,
    `${lines[0]}\n${(lines[1] ?? "").slice(0, 9)}`,
  ]) {
    await writeFile(path, rest);
    const ledger = await openLedger(path, key);
    expect(ledger.records).toEqual([]);
    await ledger.append(run, loading);
    await ledger.close();
    expect((await readLedger(path, key)).records).toEqual([run, loading]);
  }
});

test("lines that are swapped, left out, repeated or of another ledger are refused by their number", async () => {
  const { path, lines } = await encryptedLedger(run, split, loading);
  const [opening = "", first = "", second = "", third = ""] = lines;
  const strange = (await encryptedLedger(run, split, loading)).lines[2] ?? "";
  const tag = "its authentication tag is wrong: it was changed or moved after it was written";
  const cases: [string[], string][] = [
    [[opening, second, first, third], `line 2: ${tag}`],
    [[opening, first, third], `line 3: ${tag}`],
    [[opening, first, second, second, third], `line 4: ${tag}`],
    [[opening, first, strange, third], `line 3: ${tag}`],
    [[first, second], "line 1: "],
    [[opening, ledgerLine(run).trim()], "line 2: it is no encrypted text"],
    [[opening, first.slice(0, -4)], "line 2: its CRC is wrong"],
    [[opening, lineOf("").trimEnd()], "line 2: "],
    [[opening, opening], "line 2: it is no encrypted text"],
    [
      [lineOf('{"type":"encrypted","format":3}').trim()],
      "line 1: it is of ledger format 3, and this version of vtpipe reads",
    ],
    [
      [lineOf('{"type":"encrypted","format":2}').trim()],
      "line 1: it is no opening of an encrypted ledger (encryption: ",
    ],
  ];
  for (const [left, message] of cases) {
    await writeFile(path, left.map((line) => `${line}\n`).join(""));
    const error = await refusalOf(() => readLedger(path, key));
    expect(error.code).toBe("files");
    expect(error.message).toContain(message);
  }
});
