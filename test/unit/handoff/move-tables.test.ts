import { expect, test } from "vitest";
import { prepareMoveTables, shardsWithoutStream } from "../../../src/handoff/move-tables.ts";
import type { Step } from "../../../src/handoff/step.ts";
import { aPlan as plan } from "./plan.ts";
import { aView, stream, workflow } from "./view.ts";

const methods = (steps: readonly Step[]): string[] => steps.flatMap(({ calls }) => calls.map(({ method }) => method));
const still = (shard: string) => stream({ shard, state: "Stopped", position: "" });
const lifted = ["SetShardTabletControl", "RefreshStateByShard", "SetShardTabletControl", "RefreshStateByShard"];

test("the workflow is created once, and its tables are let take rows", () => {
  expect(methods(prepareMoveTables(aView(), plan))).toEqual(["MoveTablesCreate", ...lifted]);
});

test("one that is there is left, and tablets are told once more to take rows: who lifted the denial may not have lived to tell", () => {
  const view = aView({ moveTables: workflow("vtpipe", [still("-80"), still("80-")]) });
  expect(methods(prepareMoveTables(view, plan))).toEqual(["RefreshStateByShard", "RefreshStateByShard"]);
});

test("one that lacks a shard's stream is made anew", () => {
  const view = aView({ moveTables: workflow("vtpipe", [still("80-")]) });
  expect(shardsWithoutStream(view)).toEqual(["-80"]);
  expect(methods(prepareMoveTables(view, plan))).toEqual(["WorkflowDelete", "MoveTablesCreate", ...lifted]);
});

test("verbatim tables alone have a workflow of Vitess's", () => {
  expect(prepareMoveTables(aView(), { ...plan, tables: [] })).toEqual([]);
});
