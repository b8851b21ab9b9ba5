import { expect, test } from "vitest";
import { IN_FLIGHT_BYTES } from "../../../src/load/pace-bounds.ts";
import { paceBounds } from "../../../src/run/worker-setup.ts";

const load = {
  strategy: "auto",
  sessions: null,
  deferSecondaryKeys: "auto",
  statementRows: { min: 100, max: 4000 },
  statementBytes: { min: 65_536, max: 4_194_304 },
} as const;

test.each([
  ["one worker has all ten sessions, beginning with two", 1, null, { start: 2, max: 10 }],
  ["four share them", 4, null, { start: 2, max: 2 }],
  ["each of very many has one", 20, null, { start: 1, max: 1 }],
  ["the config's number is shared as well", 2, 16, { start: 2, max: 8 }],
  ["and may be less than two a worker", 2, 3, { start: 1, max: 1 }],
])("%s", (_, workers, sessions, expected) => {
  expect(paceBounds({ load: { ...load, sessions }, workers }, 2).sessions).toEqual(expected);
});

test("all shards' statements together have one worker's memory", () => {
  expect(paceBounds({ load, workers: 2 }, 8).memory * 8).toBe(IN_FLIGHT_BYTES);
});
