import { expect, test } from "vitest";
import type { HandoffStatus } from "../../../src/contracts/handoff-status.ts";
import { lagForVitess, lagSeconds, statusOf } from "../../../src/handoff/lag.ts";
import { streamStatus } from "../../../src/handoff/stream-status.ts";
import { aPlan as plan } from "./plan.ts";
import { statusOfNothing, stream, workflow } from "./view.ts";

const status = (...lags: readonly (number | null)[]): HandoffStatus => ({
  ...statusOfNothing,
  workflows: [
    {
      name: "vtpipe",
      role: "move-tables",
      streams: lags.map((secondsBehind) => ({ ...aStream, secondsBehind })),
    },
  ],
});
const aStream = streamStatus(stream(), {
  into: "main/-80",
  ...{ source: null, sourceLooks: [], streamLooks: [], throttled: null },
});
const idle = { ...workflow("vtpipe", [stream()]), lagSeconds: 3600 };

test("the slowest stream counts, by the transactions it has still to see", () => {
  expect(lagSeconds(idle, statusOf(status(0, 2), idle))).toBe(2);
});

test("where one stream cannot be counted, Vitess's number counts", () => {
  expect(lagSeconds(idle, statusOf(status(0, null), idle))).toBe(3600);
  expect(lagSeconds(idle, statusOf(statusOfNothing, idle))).toBe(3600);
});

test("Vitess is told to go by less where its number grew on an idle source only", () => {
  expect(lagForVitess(plan, idle, status(0))).toBe(3720);
  expect(lagForVitess(plan, idle, status(plan.maxLagSeconds + 1))).toBe(plan.maxLagSeconds);
  expect(lagForVitess(plan, idle, statusOfNothing)).toBe(plan.maxLagSeconds);
  expect(lagForVitess(plan, null, statusOfNothing)).toBe(plan.maxLagSeconds);
});
