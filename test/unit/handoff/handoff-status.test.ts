import { expect, test } from "vitest";
import type { HandoffStatus, LaneStatus } from "../../../src/contracts/handoff-status.ts";
import { type HandoffMemory, handoffStatus, snapshotMemory } from "../../../src/handoff/handoff-status.ts";
import { reached, statusChanges } from "../../../src/handoff/until.ts";
import type { HandoffView } from "../../../src/handoff/view.ts";
import { parsePosition } from "../../../src/mysql/gtid-set.ts";
import { aView, stream, workflow } from "./view.ts";

const to = (number: number): string => `MySQL56/5f5a1c00-0000-0000-0000-000000000001:1-${number}`;
const server = (at: number, executed: number) => ({
  at,
  executed: parsePosition(to(executed)),
  keeping: { purged: parsePosition(""), expireSeconds: 3600, autoPurge: true },
});
const lane = (state: string, parts: Partial<LaneStatus> = {}): LaneStatus => ({
  lane: "move-tables",
  workflow: "vtpipe",
  tables: 2,
  state,
  meaning: "So it is.",
  ...parts,
});
const nothing: HandoffMemory = { servers: new Map(), streams: new Map() };

function look(view: Partial<HandoffView>, servers: Record<string, ReturnType<typeof server>>, memory = nothing) {
  const seen = { at: "2026-01-01T00:00:00.000Z", lanes: [lane("running")], throttlers: new Map() };
  return handoffStatus({ ...seen, view: aView(view), servers: new Map(Object.entries(servers)) }, memory);
}

test("a stream is measured by the server it reads: the source, or a target shard on the way back", () => {
  const { status } = look(
    {
      moveTables: workflow("vtpipe", [stream({ position: to(10) })]),
      reverse: workflow("vtpipe_reverse", [
        stream({ shard: "0", position: to(5), from: { keyspace: "main", shard: "80-" } }),
      ]),
    },
    { "ext/0": server(100, 30), "main/80-": server(100, 6) },
  );
  expect(status.workflows.map(({ role, streams }) => [role, streams[0]?.into, streams[0]?.transactionsBehind])).toEqual(
    [
      ["move-tables", "main/-80", 20],
      ["reverse", "ext/0", 1],
    ],
  );
  expect(status.binlogs.map((clock) => clock.server)).toEqual(["ext/0", "main/80-"]);
});

test("a server that does not answer leaves its streams without figures, and no clock that could be wrong", () => {
  const { status } = look({ moveTables: workflow("vtpipe", [stream({ position: to(10) })]) }, {});
  expect(status.workflows[0]?.streams[0]).toMatchObject({
    state: "Running",
    transactionsBehind: null,
    trend: "unknown",
  });
  expect(status.binlogs).toEqual([]);
});

test("a copy's snapshot tells how old a position is that nothing was applied to yet", () => {
  const takenAt = "2026-01-01T00:00:00.000Z";
  const memory = snapshotMemory("ext/0", [{ position: to(10), takenAt }]);
  const view = { moveTables: workflow("vtpipe", [stream({ position: to(10), state: "Stopped" })]) };
  const { status } = look(view, { "ext/0": server(Date.parse(takenAt) / 1000 + 600, 30) }, memory);
  expect(status.workflows[0]?.streams[0]?.secondsBehind).toBe(600);
  expect(status.binlogs[0]).toMatchObject({ state: "counting", secondsLeft: 3000 });
});

test("what is remembered has a limit, and keeps the copy's snapshot", () => {
  let memory = snapshotMemory("ext/0", [{ position: to(1), takenAt: "1970-01-01T00:00:01.000Z" }]);
  const view = { moveTables: workflow("vtpipe", [stream({ position: to(10) })]) };
  for (let at = 2; at < 200; at++) memory = look(view, { "ext/0": server(at, at) }, memory).memory;
  const looks = memory.servers.get("ext/0") ?? [];
  expect(looks).toHaveLength(30);
  expect([looks[0]?.at, looks[1]?.at, looks.at(-1)?.at]).toEqual([1, 171, 199]);
  expect([...memory.streams.values()].map((all) => all.length)).toEqual([30]);
});

const status = (parts: Partial<HandoffStatus>): HandoffStatus => ({
  ...{ at: "2026-01-01T00:00:00.000Z", lanes: [lane("running")], workflows: [], binlogs: [], away: null },
  ...parts,
});
const streams = (...positions: number[]): HandoffStatus["workflows"] =>
  look(
    {
      moveTables: workflow(
        "vtpipe",
        positions.map((at) => stream({ position: to(at) })),
      ),
    },
    { "ext/0": server(100, 30) },
  ).status.workflows;

test("caught up is when every stream of every lane is", () => {
  expect(reached(status({ workflows: streams(30, 30) }), "caught-up").kind).toBe("yes");
  expect(reached(status({ workflows: streams(30, 10) }), "caught-up").kind).toBe("not-yet");
  expect(
    reached(
      status({ lanes: [lane("running"), lane("positioned", { workflow: "vtpipe_sql" })], workflows: streams(30) }),
      "caught-up",
    ).kind,
  ).toBe("not-yet");
  expect(reached(status({ workflows: streams(30), away: { since: "", what: "vtctld" } }), "caught-up").kind).toBe(
    "not-yet",
  );
  expect(reached(status({ lanes: [] }), "caught-up").kind).toBe("not-yet");
  expect(reached(status({ lanes: [lane("switched")] }), "caught-up").kind).toBe("yes");
});

test("switched is when the target has all of the traffic; a lane that failed is not waited for", () => {
  expect(reached(status({ workflows: streams(30) }), "switched").kind).toBe("not-yet");
  expect(reached(status({ lanes: [lane("switched"), lane("completed")] }), "switched").kind).toBe("yes");
  expect(reached(status({ lanes: [lane("half-switched")] }), "switched").kind).toBe("not-yet");
  for (const state of ["failed", "gone"]) {
    expect(reached(status({ lanes: [lane("switched"), lane(state)] }), "switched")).toMatchObject({ kind: "never" });
  }
});

test("a lane's new state and servers that stop answering are told once", () => {
  const away = { since: "", what: "vtctld is away" };
  expect(statusChanges(status({}), status({}))).toEqual([]);
  expect(statusChanges(status({}), status({ lanes: [lane("failed")] }))).toEqual(["vtpipe is failed now. So it is."]);
  expect(statusChanges(status({}), status({ away }))).toEqual(["No answer: vtctld is away"]);
  expect(statusChanges(status({ away }), status({ away }))).toEqual([]);
  expect(statusChanges(status({ away }), status({}))).toEqual(["All servers answer again."]);
});
