import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/contracts/events.ts";
import { paceTeller } from "../../../src/run/tell-pace.ts";

const change = { table: "t", shard: "-80", sessions: 1, rows: 500, bytes: 1000, why: "the target throttles" };

test("every change is an event; people are told once per shard that it pushes back", () => {
  const events: RunEvent[] = [];
  const tell = paceTeller((event) => events.push(event));
  tell(0, [
    { ...change, because: "faster" },
    { ...change, because: "refused" },
  ]);
  tell(1, [{ ...change, because: "slow" }]);
  tell(1, [{ ...change, shard: "80-", because: "refused" }]);
  expect(events[0]).toEqual({
    ...{ type: "pace", worker: 0, table: "t", shard: "-80", sessions: 1 },
    ...{ rowsPerStatement: 500, bytesPerStatement: 1000, because: "faster", why: "the target throttles" },
  });
  expect(events.map((event) => (event.type === "note" ? event.text.slice(0, 26) : event.type))).toEqual([
    "pace",
    "pace",
    "Shard -80 pushes back: the",
    "pace",
    "pace",
    "Shard 80- pushes back: the",
  ]);
});
