import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { benchChains } from "../../../bench/transforms/chains.ts";
import { chainsTable, costOf } from "../../../bench/transforms/report.ts";
import { personColumns, persons } from "../../../bench/transforms/table.ts";
import { answerBytes, rowsFrom, serveAnswers } from "../../../bench/transforms/wire.ts";
import { compileConfig } from "../../../src/config/load-config.ts";
import { builtIns } from "../../../transforms/index.ts";
import { rowsOf } from "../../support/rows.ts";

test("every built-in is measured by itself, with parameters that it takes", () => {
  const alone = benchChains.filter(({ steps }) => steps.length === 1);
  const names = new Set(alone.flatMap(({ steps: [step] }) => Object.keys(step ?? {})));
  expect([...builtIns.keys()].filter((name) => !names.has(name))).toEqual([]);
  for (const { steps } of benchChains) {
    const config = { version: 1, tables: { rules: { person: { transforms: steps } } } };
    expect(compileConfig(config, null, {}).tables.rules["person"]?.transforms).toHaveLength(steps.length);
  }
  expect(new Set(benchChains.map(({ name }) => name)).size).toBe(benchChains.length);
});

test("the answer is split into the rows it was made of, always the same ones", async () => {
  const made = [...persons(2000, "seed")];
  const answer = answerBytes(made, personColumns.length, 1);
  const found = [];
  const folder = await mkdtemp(join(tmpdir(), "vtpipe-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const socket = join(folder, "answers.sock");
  await using _server = await serveAnswers(socket, [Buffer.alloc(0), answer]);
  for await (const batch of rowsFrom(socket, 1)) found.push(...rowsOf(batch, personColumns.length + 1));
  expect(found.map((row) => row.map(String))).toEqual(
    made.map((row) => [...row, row[1]].map((cell) => String(cell === null ? null : Buffer.from(cell as string)))),
  );
  expect(answerBytes(persons(2000, "seed"), personColumns.length, 1).equals(answer)).toBe(true);
});

test("costs are medians of pairs, ratios pair by pair; digests stand beside the chain", () => {
  const one = { bytesIn: 4e6, identity: [1, 2, 4], whole: [2, 3, 4], chain: [0.5, 0.1, 0.4], digests: [0.2, 0.2, 0.1] };
  const cost = costOf({ name: "c", rows: 1e6, rounds: [one] });
  expect(cost).toEqual({
    ...{ name: "c", rowsPerSecond: 1e6 / 3, megabytesPerSecond: 4 / 3, ratio: 1.5, ratioMin: 1, ratioMax: 2 },
    ...{ chainMicroseconds: 0.4, digestMicroseconds: 0.2 },
  });
  expect(chainsTable([cost])).toMatch(/^c +333 +1 +1\.50 \(1\.00–2\.00\) +0\.40 +0\.20 +2\.00$/m);
});
