import { describe, expect, test } from "vitest";
import { compileConfig } from "../../../../src/config/load-config.ts";
import type { SourceStep, TargetResult } from "../../../../src/contracts/bench.ts";
import { combinationsOf, combinationText, targetVerdict } from "../../../../src/run/bench/combinations.ts";
import { typicalOf } from "../../../../src/run/bench/scratch-rows.ts";
import { sourceVerdict } from "../../../../src/run/bench/source-verdict.ts";
import { costOf, transformSentence } from "../../../../src/run/bench/transform-verdict.ts";

const one = (value: number) => ({ median: value, min: value, max: value });

describe("of the source", () => {
  const step = (connections: number, rate: number, threadsBusy = 0.3): SourceStep => ({
    connections,
    rows: rate * 10,
    rowsPerSecond: one(rate),
    bytesPerSecond: one(rate * 100),
    threadsBusy,
  });

  test("more connections that bring nothing are not asked for", () => {
    const { best, sentence } = sourceVerdict([step(1, 100_000), step(2, 190_000), step(4, 195_000)], 8);
    expect(best).toBe(2);
    expect(sentence).toBe(
      "The source gives 190,000 rows/s (19.0 MB/s) at 2 connections; more bring less than 5 % more, so more than 2 workers, a connection each, read no faster.",
    );
  });

  test("the most that were tried may not be the most there are", () => {
    const { best, sentence } = sourceVerdict([step(1, 100), step(2, 200)], 8);
    expect(best).toBe(2);
    expect(sentence).toContain("--connections");
  });

  test("full threads are this machine's limit", () => {
    expect(sourceVerdict([step(1, 100, 0.95)], 2).sentence).toContain("this machine (2 cores)");
  });

  test("nothing read is no best", () => {
    expect(sourceVerdict([step(1, 0), step(2, 0)], 2)).toMatchObject({
      best: null,
      sentence: expect.stringContaining("No row"),
    });
  });
});

describe("of the target", () => {
  const result = (rowsPerSecond: number, more: Partial<TargetResult> = {}): TargetResult => ({
    ...{ strategy: "json-table", routing: "targeted", rowsPerStatement: 1000, sessions: 1 },
    ...{ rowsPerSecond, bytesPerSecond: 1, rows: 1, seconds: 1, statements: 1, retries: 0, threadsBusy: 0.2 },
    ...more,
  });

  test("combinations come with the fewest sessions first, routed ones last", () => {
    const sweep = {
      strategies: ["json-table", "values"],
      rowsPerStatement: [1000, 250, 250],
      sessions: [2, 1],
    } as const;
    const { measured, skipped } = combinationsOf(sweep, null);
    expect(measured).toHaveLength(16);
    expect(skipped).toEqual([]);
    expect(measured.slice(0, 3).map(combinationText)).toEqual([
      "json-table, targeted, 250 rows a statement, 1 session to each shard",
      "values, targeted, 250 rows a statement, 1 session to each shard",
      "json-table, targeted, 1000 rows a statement, 1 session to each shard",
    ]);
    expect(combinationText(measured.at(-1) ?? expect.fail())).toBe("values, routed, 1000 rows a statement, 2 sessions");
  });

  test("the table that stands for a dump has many rows of about the average size", () => {
    const table = (name: string, rows: number, each: number) => ({ name, rows, bytes: rows * each });
    const many = [
      table("narrow", 70_000, 30),
      table("usual", 60_000, 63),
      table("fat", 27_000, 200),
      table("huge", 5, 350_000),
    ];
    expect(typicalOf(many)?.name).toBe("usual");
    expect(typicalOf([table("only", 1, 10)])?.name).toBe("only");
    expect(typicalOf([])).toBeNull();
    // Of many alike none has a tenth of the rows.
    const alike = Array.from({ length: 20 }, (_, i) => table(`t${i}`, 5, 10 + i * 10));
    expect(typicalOf(alike)?.name).toBe("t10");
  });

  test("what vtgate cannot place is skipped, and why", () => {
    const sweep = { strategies: ["values"], rowsPerStatement: [1], sessions: [1] } as const;
    const { measured, skipped } = combinationsOf(sweep, "not in the vschema");
    expect(measured.map(({ routing }) => routing)).toEqual(["targeted"]);
    expect(skipped).toEqual([{ what: "routed statements", why: "not in the vschema" }]);
  });

  test("the config keeps a load to the best", () => {
    const large = result(200, { rowsPerStatement: 4000, strategy: "values", sessions: 4 });
    const verdict = targetVerdict([result(50), result(100, { sessions: 2 }), large]);
    expect(verdict.best).toBe(large);
    expect(verdict.config).toEqual({
      load: { strategy: "values", sessions: 4, statementRows: { min: 4000, max: 4000 } },
    });
    expect(verdict.sentence).toContain(
      "`load: { strategy: values, sessions: 4, statementRows: { min: 4000, max: 4000 } }` keeps a load to that",
    );
    // What it says is a config.
    expect(compileConfig({ version: 1, ...verdict.config }, null, {}).load).toMatchObject({ sessions: 4 });
  });

  test("routed statements decide no config where targeted ones were measured", () => {
    const { best, config } = targetVerdict([result(100), result(300, { routing: "routed", sessions: 4 })]);
    expect(best?.routing).toBe("routed");
    expect(config?.load.sessions).toBe(1);
  });

  test("full threads are told, and nothing loaded is no best", () => {
    expect(targetVerdict([result(100, { threadsBusy: 0.99 })]).sentence).toContain("this machine, not the target");
    expect(targetVerdict([result(0)])).toMatchObject({ best: null, config: null });
  });
});

describe("of transforms", () => {
  const figures = { rows: 1000, bytes: 1e6, identity: [0.1, 0.2], whole: [0.2, 0.3], chain: [0.001, 0.002] };

  test("figures of passes become costs", () => {
    expect(costOf("people", 3, figures)).toMatchObject({
      ...{ table: "people", steps: 3, passes: 2 },
      chainMicrosecondsPerRow: { min: 1, max: 2, median: 1.5 },
      rowsPerSecond: { min: 1000 / 0.3, max: 5000 },
      ratio: { min: 0.3 / 0.2, max: 2, median: 1.75 },
    });
  });

  test("the costliest chain is named", () => {
    const cheap = costOf("cheap", 1, { ...figures, chain: [0.0001] });
    expect(transformSentence([cheap, costOf("people", 3, figures)])).toContain(
      "The chain of people costs most: 1.50 µs",
    );
    expect(transformSentence([])).toContain("No chain");
  });
});
