import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { benchText } from "../../../../bin/render/bench.ts";
import { benchPage } from "../../../../src/bench/page/bench-page.ts";
import { shapes } from "../../../../src/bench/shapes/shapes.ts";
import { type BenchLine, benchShapes, type TargetResult } from "../../../../src/contracts/bench.ts";
import { stages } from "../../../../src/contracts/stages.ts";
import { pageOf } from "../../../../src/run/bench/page-of.ts";

const spread = { median: 1234, min: 1000, max: 2000 };
const skipped = [{ what: "table odd", why: "it has <no> rows." }];
const fast: TargetResult = {
  ...{ strategy: "values", routing: "targeted", rowsPerStatement: 1000, sessions: 2, rowsPerSecond: 4321 },
  ...{ bytesPerSecond: 5e6, rows: 10, seconds: 1, statements: 1, retries: 3, threadsBusy: 0.5 },
};

const lines: readonly BenchLine[] = [
  {
    ...{
      type: "bench",
      command: "bench source",
      server: "MySQL 9.7.4",
      tables: ["a", "b"],
      secondsPerStep: 10,
      rounds: 3,
    },
    ...{ cores: 2, best: 2, timesRead: 4, sentence: "The source gives it." },
    steps: [1, 2].map((connections) => ({
      connections,
      rows: 1,
      rowsPerSecond: spread,
      bytesPerSecond: spread,
      threadsBusy: 0.1,
    })),
  },
  {
    ...{
      type: "bench",
      command: "bench transform",
      rowsFrom: "run",
      secondsPerTable: 5,
      skipped,
      sentence: "It costs.",
    },
    chains: [
      {
        ...{ table: "people", steps: 3, rows: 1, bytes: 1, passes: 7, chainMicrosecondsPerRow: spread },
        ...{ rowsPerSecond: spread, bytesPerSecond: spread, ratio: spread },
      },
    ],
  },
  {
    ...{ type: "bench", command: "bench target", target: "Vitess 24", rowsFrom: "generated", scratchTable: "t" },
    ...{
      secondsPerCombination: 5,
      results: [fast],
      best: fast,
      config: null,
      skipped,
      sentence: "The target takes it.",
    },
  },
  {
    ...{
      type: "bench",
      command: "bench run",
      rows: 1000,
      bytes: 1e6,
      seconds: 2,
      workers: 2,
      cores: 4,
      notes: ["Mind it."],
    },
    timelines: [
      {
        title: "Rows",
        unit: "rows a second",
        stacked: false,
        series: [
          {
            name: "read",
            points: [
              [0, 1],
              [1, 2],
            ],
          },
        ],
      },
    ],
    budget: {
      ...{ rowsPerSecond: 500, threadsBusy: 0.4, limit: "target", sentence: "the limit here is the target" },
      stages: stages.map((stage) => ({ stage, share: 0.1, kind: "busy", ceiling: null })),
    },
  },
];

test.each(lines.map((line) => [line.command, line] as const))(
  "%s: the text for people has the figures",
  (command, line) => {
    const text = stripVTControlCharacters(benchText(line));
    const wanted: Record<BenchLine["command"], readonly (string | RegExp)[]> = {
      "bench source": [/ 1 +1,234 \(1,000–2,000\)/, /2 \* +1,234/, "read 4 times", "The source gives it."],
      "bench transform": [/people +3 +1234\.00 \(1000\.00–2000\.00\)/, "Not measured: table odd", "It costs."],
      "bench target": [
        /values \* +targeted +1,000 +2 +4,321 +5\.0 MB\/s +3 +50 %/,
        "Not measured: table odd",
        "takes it.",
      ],
      "bench run": [
        "1,000 rows copied in 2.0 s by 2 workers on 4 cores: 500 rows/s",
        /the target \* +10 %/,
        "Mind it.",
        "The limit here is the target.",
      ],
    };
    for (const part of wanted[command]) expect(text).toMatch(part);
  },
);

test.each(lines.map((line) => [line.command, line] as const))("%s: the page has the figures", (command, line) => {
  const page = pageOf(line, new Date("2026-01-02T03:04:05Z"));
  expect(page.title).toBe(`vtpipe ${command}`);
  expect(page.facts).toContainEqual({ name: "when", value: "2026-01-02 03:04" });
  expect(page.bars.length + page.timelines.length).toBeGreaterThan(0);
  const html = benchPage(page);
  expect(html).not.toContain("<no>");
  if (command === "bench transform" || command === "bench target") expect(html).toContain("it has &lt;no&gt; rows.");
});

test("a run that moved nothing has notes alone", () => {
  const empty = { ...lines[3], budget: null, timelines: [] } as BenchLine;
  expect(benchText(empty).trim()).toBe("Note: Mind it.");
});

test("every shape of one table can be asked for", () => {
  expect([...benchShapes]).toEqual(shapes.map(({ name }) => name));
});
