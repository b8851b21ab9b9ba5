import { expect, test } from "vitest";
import { chooseLanes } from "../../../src/handoff/lanes.ts";
import { laned } from "./laned.ts";

const byId = () => ({ vindex: "main.hash", columns: ["id"] });

test("only verbatim tables go to MoveTables", () => {
  const renamed = laned("orders", { target: "bestellungen", verbatim: false });
  const { tables, refusals } = chooseLanes([laned("people"), renamed], byId, false);
  expect(tables.map(({ source, lane }) => [source, lane])).toEqual([
    ["people", "move-tables"],
    ["orders", "streams"],
  ]);
  expect(refusals).toEqual([]);
});

test("a table with a step that has no twin is refused by that step", () => {
  const table = laned("people", {
    class: "js-only",
    verbatim: false,
    decidedBy: "tables.rules.people.transforms[0].use",
  });
  const [refusal] = chooseLanes([table], byId, false).refusals;
  expect(refusal?.text).toBe(
    "Table people cannot be handed to VReplication: tables.rules.people.transforms[0].use has no SQL twin.",
  );
  expect(refusal?.todo).toContain("vtpipe follow");
});

test("a where condition is refused, because VReplication's source may not understand it", () => {
  const [refusal] = chooseLanes([laned("people", { verbatim: false, where: "id % 2 = 0" })], byId, false).refusals;
  expect(refusal?.todo).toContain("filter transform");
});

test("a transformed sharding column is refused", () => {
  const table = laned("people", { class: "sql-twin", verbatim: false, untouched: { name: "name" } });
  const [refusal] = chooseLanes([table], byId, false).refusals;
  expect(refusal?.text).toContain("Column id decides the shard of table people, and a transform writes it");
  expect(chooseLanes([table], () => null, false).refusals).toEqual([]);
});

test("a transformed sharding column is refused, whatever it is called", () => {
  const table = laned("people", { class: "sql-twin", verbatim: false, untouched: { name: "name" } });
  for (const name of ["constructor", "__proto__", "toString"]) {
    const sharding = { vindex: "main.hash", columns: [name] };
    expect(chooseLanes([table], () => sharding, false).refusals[0]?.text).toContain(`Column ${name} decides the shard`);
  }
});

test("what VReplication cannot carry on takes no lane of a source that stands still", () => {
  const { tables, refusals } = chooseLanes(
    [laned("people"), laned("notes", { class: "js-only", verbatim: false, decidedBy: "tables.rules.notes" })],
    byId,
    true,
  );
  expect(tables.map(({ source, lane }) => [source, lane])).toEqual([
    ["people", "move-tables"],
    ["notes", "still"],
  ]);
  expect(refusals).toEqual([]);
});
