import { expect, test } from "vitest";
import { type Cell, cellsOf, cellText, type Kill, type Kinds, signalPlans } from "../../support/crash/cells.ts";
import { copyVerbs, handoffVerbs } from "../../support/crash/verbs.ts";

type Verbs = Readonly<Record<string, Kinds>>;
const groups: Readonly<Record<string, Verbs>> = { copy: copyVerbs, handoff: handoffVerbs };

/** The first cells of a seed that hold so many kills. */
function first(seed: number, verbs: Verbs, kills: number): Cell[] {
  const cells: Cell[] = [];
  for (const cell of cellsOf(seed, verbs)) {
    cells.push(cell);
    if (cells.reduce((sum, one) => sum + one.kills.length, 0) >= kills) break;
  }
  return cells;
}

const killsOf = (cells: readonly Cell[]): Kill[] => cells.flatMap((cell) => cell.kills);

test("a seed gives the same cells each time, another seed others", () => {
  expect(first(7, copyVerbs, 100)).toEqual(first(7, copyVerbs, 100));
  expect(first(8, copyVerbs, 100)).not.toEqual(first(7, copyVerbs, 100));
});

test("the kills of `npm test` meet every verb, every kind and every signal, whatever the seed", () => {
  for (let seed = 0; seed < 200; seed++) {
    const cells = first(seed, copyVerbs, 40);
    expect(new Set(cells.map(({ verb }) => verb)), `verbs of seed ${seed}`).toEqual(new Set(Object.keys(copyVerbs)));
    const kinds = new Set(Object.values(copyVerbs).flatMap((verb) => Object.keys(verb)));
    expect(new Set(killsOf(cells).map(({ kind }) => kind)), `kinds of seed ${seed}`).toEqual(kinds);
    expect(new Set(killsOf(cells).map(({ signals }) => signals))).toEqual(new Set(signalPlans));
  }
});

test.each(Object.entries(groups))("many %s kills meet each verb's kinds and signals evenly", (_, verbs) => {
  const cells = first(1, verbs, 2000);
  for (const [verb, kinds] of Object.entries(verbs)) {
    const kills = killsOf(cells.filter((cell) => cell.verb === verb));
    for (const [of, all] of [
      ["kind", Object.keys(kinds)],
      ["signals", signalPlans],
    ] as const) {
      const counts = all.map((one) => kills.filter((kill) => kill[of] === one).length);
      expect(Math.max(...counts) - Math.min(...counts), `${verb}: ${all.join()}`).toBeLessThan(20);
      expect(Math.min(...counts)).toBeGreaterThan(5);
    }
  }
});

test("the nth is one of those there are, and a cell says how to have it again", () => {
  const cells = first(3, copyVerbs, 500);
  for (const { verb, kills } of cells) {
    for (const { kind, nth } of kills) {
      expect(nth).toBeGreaterThanOrEqual(1);
      expect(nth).toBeLessThanOrEqual((copyVerbs as Verbs)[verb]?.[kind] ?? 0);
    }
  }
  const cell = cells[0] ?? expect.fail();
  expect(cellText(cell, "copy", 3)).toContain("VTPIPE_CRASH_SEED=3 VTPIPE_CRASH_CELL=copy-1 ");
});
