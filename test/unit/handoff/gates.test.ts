import { expect, test } from "vitest";
import type { Lane } from "../../../src/contracts/handoff.ts";
import { switchGates } from "../../../src/handoff/gates.ts";
import type { HandoffPlan } from "../../../src/handoff/plan.ts";
import type { HandoffView } from "../../../src/handoff/view.ts";
import { aPlan as plan } from "./plan.ts";
import { aView, statusOfNothing, stream, workflow } from "./view.ts";

const now = new Date("2026-11-24T12:00:00Z");
const clean = { at: "2026-11-24T11:00:00Z", equal: true };
const wishes = { writersFenced: false, skipVdiff: false };
const both: ReadonlySet<Lane> = new Set<Lane>(["move-tables", "streams"]);
type Given = Parameters<typeof switchGates> extends [unknown, ...infer Rest] ? Rest : never;
const gates = (view: HandoffView, ...rest: Given) => switchGates({ view, status: statusOfNothing }, ...rest);
const codes = (view: HandoffView, ...rest: Given): string[] => gates(view, ...rest).map(({ code }) => code);

test("running streams without lag and a fresh clean vdiff may be switched", () => {
  expect(codes(aView({ moveTables: workflow("vtpipe", [stream()]) }), plan, both, clean, wishes, now)).toEqual([]);
});

test("a stream that stands still and one that lags are in the way", () => {
  const stopped = aView({ moveTables: workflow("vtpipe", [stream({ state: "Stopped", message: "by hand" })]) });
  const [finding] = gates(stopped, plan, both, clean, wishes, now);
  expect(finding?.text).toBe("Stream 1 of vtpipe into shard -80 is Stopped: by hand.");
  const late = aView({ moveTables: { ...workflow("vtpipe", [stream()]), lagSeconds: 31 } });
  expect(codes(late, plan, both, clean, wishes, now)).toEqual(["lag"]);
});

test("a missing or old vdiff is in the way unless it is waived; one that differs always is", () => {
  const view = aView({ moveTables: workflow("vtpipe", [stream()]) });
  const old = { at: "2026-11-23T11:00:00Z", equal: true };
  expect(codes(view, plan, both, null, wishes, now)).toEqual(["vdiff-missing"]);
  expect(codes(view, plan, both, old, wishes, now)).toEqual(["vdiff-old"]);
  const waived = { ...wishes, skipVdiff: true };
  expect(codes(view, plan, both, null, waived, now)).toEqual([]);
  expect(codes(view, plan, both, { ...clean, equal: false }, waived, now)).toEqual(["vdiff-differs"]);
});

test("transformed tables need the word that their writers are fenced", () => {
  const transformed: HandoffPlan = { ...plan, tables: [{ source: "people", target: "persons", lane: "streams" }] };
  const view = aView({ streams: workflow("vtpipe_sql", [stream()]) });
  expect(gates(view, transformed, both, clean, wishes, now)[0]?.text).toContain("(people)");
  expect(codes(view, transformed, both, clean, { ...wishes, writersFenced: true }, now)).toEqual([]);
});

test("streams of ours that a killed switch left standing are no obstacle, nor is a lane that is switched", () => {
  const stopped = stream({ state: "Stopped" });
  const transformed: HandoffPlan = { ...plan, tables: [{ source: "people", target: "persons", lane: "streams" }] };
  const fenced = { ...wishes, writersFenced: true };
  expect(codes(aView({ streams: workflow("vtpipe_sql", [stopped]) }), transformed, both, clean, fenced, now)).toEqual(
    [],
  );
  const frozen = aView({ moveTables: workflow("vtpipe", [stopped]), streams: workflow("vtpipe_sql", [stream()]) });
  expect(codes(frozen, transformed, new Set<Lane>(["streams"]), clean, fenced, now)).toEqual([]);
  expect(codes(frozen, transformed, both, clean, fenced, now)).toEqual(["stream-not-running"]);
});
