import { describe, expect, test } from "vitest";
import { type BudgetFacts, budgetOf } from "../../../src/bench/budget.ts";
import { type Stage, stages } from "../../../src/contracts/stages.ts";

const none = Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>;

/** Two workers for ten seconds, so 20 seconds are all of their time. */
function facts(spent: Partial<Record<Stage, number>>, more: Partial<BudgetFacts> = {}): BudgetFacts {
  return {
    rows: 100_000,
    seconds: 10,
    workers: 2,
    stages: { ...none, ...spent },
    threadsBusySeconds: 10,
    threadsSeconds: 20,
    ceilings: {},
    ...more,
  };
}

const full: Partial<BudgetFacts> = { threadsBusySeconds: 19 };

describe("figures", () => {
  const budget = budgetOf(facts({ source: 12, pack: 4 }, { ceilings: { source: 60_000 } }));

  test("shares are of workers × seconds, in the order rows pass", () => {
    expect(budget.stages.map(({ stage }) => stage)).toEqual(stages);
    expect(budget.stages.filter(({ share }) => share > 0)).toEqual([
      { stage: "source", share: 0.6, kind: "waiting", ceiling: 60_000 },
      { stage: "pack", share: 0.2, kind: "busy", ceiling: 50_000 },
    ]);
    expect([budget.rowsPerSecond, budget.threadsBusy]).toEqual([10_000, 0.5]);
  });

  test("a wait's ceiling is not guessed from its seconds, a measured one wins over a busy stage's own", () => {
    const { stages: found } = budgetOf(facts({ target: 15, pack: 4 }, { ceilings: { pack: 77_000 } }));
    const ceiling = (stage: Stage): number | null | undefined => found.find((one) => one.stage === stage)?.ceiling;
    expect([ceiling("target"), ceiling("pack"), ceiling("cut")]).toEqual([null, 77_000, null]);
  });
});

describe("which stage limits", () => {
  test("full threads: the busiest stage, though more time was waited", () => {
    expect(budgetOf(facts({ source: 18, pack: 9, cut: 6 }, full)).limit).toBe("pack");
    expect(budgetOf(facts({ source: 18, pack: 9, cut: 6 })).limit).toBe("source");
  });

  test("threads with room: the longest wait, though a busy stage took more", () => {
    expect(budgetOf(facts({ source: 4, target: 7, transform: 9 })).limit).toBe("target");
  });

  test("no wait that is felt: the busiest stage", () => {
    expect(budgetOf(facts({ source: 1, target: 1.5, transform: 11 })).limit).toBe("transform");
  });

  test("nothing measured, or no work measured, is no division by zero", () => {
    const nothing = budgetOf(facts({}, { rows: 0, seconds: 0, workers: 0, threadsSeconds: 0, threadsBusySeconds: 0 }));
    expect(nothing.sentence).toBe("no time of any stage was measured, so no limit can be named");
    expect([nothing.rowsPerSecond, nothing.threadsBusy]).toEqual([0, 0]);
    expect(budgetOf(facts({ disk: 18 }, full)).limit).toBe("disk");
  });

  test("workers without work are told, rather than a stage", () => {
    expect(budgetOf(facts({ source: 3, pack: 2 }, { threadsBusySeconds: 2 })).sentence).toBe(
      "the limit here is work to hand out: workers had none for 75 % of their time; smaller chunks (`chunkBytes`) or more rows would move it",
    );
  });
});

describe("what would move it", () => {
  const sentence = (spent: Partial<Record<Stage, number>>, more?: Partial<BudgetFacts>): string =>
    budgetOf(facts(spent, more)).sentence;

  test("the source gives more alone: more workers", () => {
    expect(sentence({ source: 15 }, { ceilings: { source: 61_234.4 } })).toBe(
      "the limit here is the source, waited for 75 % of the workers' time; more workers, each a connection more (alone, as many connections read 61,234 rows/s from the source), would move it",
    );
  });

  test("the source gives no more alone: a faster one", () => {
    expect(sentence({ source: 15 }, { ceilings: { source: 11_000 } })).toContain(
      "; a faster source or a replica to read from (alone, as many connections read no more than 11,000 rows/s) would move it",
    );
  });

  test("the source alone was not measured: both, with their condition", () => {
    expect(sentence({ source: 15 })).toContain("more workers, if the source gives more to more connections, else");
  });

  test("the target takes more alone: more sessions", () => {
    expect(sentence({ target: 15 }, { ceilings: { target: 30_000 } })).toContain(
      "; more sessions to each shard (`load.sessions`; alone, the target took 30,000 rows/s) would move it",
    );
  });

  test("the target takes no more alone: shards, CPU, indexes", () => {
    expect(sentence({ target: 15 }, { ceilings: { target: 12_000 } })).toMatch(
      /; more shards, more CPU .* secondary indexes made after the load \(alone, .* 12,000 rows\/s\) would move it$/,
    );
  });

  test("the target alone was not measured: both, with their condition", () => {
    expect(sentence({ target: 15 })).toMatch(/`load.sessions`\) while .* else more shards/);
  });

  test("the disk", () => {
    expect(sentence({ disk: 15 })).toContain("the disk, waited for 75 %");
    expect(sentence({ disk: 15 })).toContain("; a faster disk for the run directory would move it");
  });

  test.each<[Stage, string]>([
    ["cut", "more workers"],
    ["transform", "cheaper steps, or steps the source evaluates (`sql`)"],
    ["pack", "more workers"],
    ["unpack", "or memory that keeps chunk files"],
    ["encode", "`load.strategy`"],
  ])("%s: threads, and what is its own", (stage, own) => {
    const told = sentence({ [stage]: 15 }, full);
    expect(told).toContain("75 % of the workers' time, their threads busy for 95 %; more workers, if cores are free");
    expect(told).toContain(own);
  });

  test("more workers only where cores are free", () => {
    expect(sentence({ pack: 15 }, { ...full, cores: 8 })).toContain("; more workers (2 on 8 cores) would move it");
    expect(sentence({ pack: 15 }, { ...full, cores: 2 })).toContain("; more or faster cores (2 here, 2 workers) would");
  });
});
