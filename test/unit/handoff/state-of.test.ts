import { expect, test } from "vitest";
import { stateOf } from "../../../src/handoff/state-of.ts";
import { aView, stream, workflow } from "./view.ts";

const notSwitched = "Reads Not Switched. Writes Not Switched";
const moving = (trafficState: string, ...streams: ReturnType<typeof stream>[]) =>
  stateOf(aView({ moveTables: workflow("vtpipe", streams), trafficState }), "move-tables", "started");

test("a MoveTables workflow stands where its streams and Vitess's traffic state say", () => {
  const still = { state: "Stopped" };
  expect(moving(notSwitched, stream({ ...still, position: "" }), stream(still))).toBe("prepared");
  expect(moving(notSwitched, stream(still), stream())).toBe("stopped");
  expect(moving(notSwitched, stream(), stream())).toBe("running");
  expect(moving(notSwitched, stream(), stream({ state: "Error" }))).toBe("failed");
  expect(moving("All Reads Switched. Writes Switched", stream(still))).toBe("switched");
  expect(moving("All Reads Switched. Writes Not Switched", stream())).toBe("half-switched");
  expect(moving("Reads partially switched. Writes Not Switched", stream())).toBe("half-switched");
});

test("streams of ours remember by their message that they were switched", () => {
  const switched = stream({ state: "Stopped", message: "switched by vtpipe at MySQL56/a:1-9" });
  const of = (...streams: ReturnType<typeof stream>[]) =>
    stateOf(aView({ streams: workflow("vtpipe_sql", streams) }), "streams", "started");
  expect(of(switched, switched)).toBe("switched");
  expect(of(switched, stream({ state: "Stopped" }))).toBe("half-switched");
  expect(of(stream(), stream())).toBe("running");
});

test("without a workflow the run directory's memory decides", () => {
  expect(stateOf(aView(), "streams", null)).toBe("none");
  expect(stateOf(aView(), "streams", "prepared")).toBe("none");
  expect(stateOf(aView(), "move-tables", "started")).toBe("gone");
  expect(stateOf(aView(), "move-tables", "completed")).toBe("completed");
});

test("streams that stand still were started before, or were not, as the run directory remembers", () => {
  const view = aView({ streams: workflow("vtpipe_sql", [stream({ state: "Stopped" })]) });
  expect(stateOf(view, "streams", "bridged")).toBe("positioned");
  expect(stateOf(view, "streams", "started")).toBe("stopped");
  expect(stateOf(view, "streams", "completed")).toBe("stopped");
});
