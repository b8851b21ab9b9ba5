import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { StreamStatus } from "../../src/contracts/handoff-status.ts";
import { type BusyHandoff, newBusyHandoff } from "../support/busy-handoff.ts";
import { startWriter, type Writer } from "../support/busy-writer.ts";
import type { CliEvent } from "../support/cli.ts";
import { numberOf } from "../support/same-rows.ts";

const { kind } = inject("vtgate");

/** Rows of the verbatim tables together, and as many of the transformed one. The nightly run says 1000000. */
const rows = Number(process.env["VTPIPE_LARGE_HANDOFF_ROWS"] ?? 0);
/** Transactions a second, so that the writer leaves the servers room for the copy. */
const perSecond = 100;
const hour = 3_600_000;

/** A migration of a size that takes minutes, whole, with what it says as a transcript. */
describe.skipIf(kind !== "vitess" || rows === 0)("a large handoff under a writer", () => {
  let handoff: BusyHandoff;
  let writer: Writer;
  beforeAll(async () => {
    const half = Math.ceil(rows * 0.47);
    const small = Math.ceil(rows * 0.02);
    const each = { orders: half, payments: half, stock: small, pages: small, things: small, people: rows };
    handoff = await newBusyHandoff("large_", each, { chunkBytes: "16MiB", longestMs: hour });
  }, hour);
  afterAll(() => handoff?.[Symbol.asyncDispose](), hour);

  test(
    "is copied, caught up, compared, switched, reversed, switched again and completed",
    async () => {
      writer = await startWriter({ ...handoff.busy, seed: "large", sessions: 2, perSecond });
      await writer.more(100);
      await step("run");
      await step("handoff");
      await step("status --watch --until caught-up");
      await step("vdiff");
      const written = await writer.stop();
      say(`writer stopped: ${written.transactions} transactions in ${written.seconds.toFixed(0)} s`);
      await handoff.same();
      say("every table has exactly the source's rows");
      await step("switch", "--writers-fenced");
      await step("reverse", "--lose-target-writes");
      const again = await startWriter({ ...handoff.busy, seed: "large reversed", sessions: 2, perSecond });
      await again.more(500);
      await again.stop();
      await handoff.same();
      say("reversed: 500 more transactions on the source, and every table has exactly the source's rows");
      await step("switch", "--writers-fenced");
      await step("complete");
      const source = { ...handoff.busy.server, database: handoff.busy.database };
      expect(await numberOf(source, "SELECT COUNT(*) FROM large_people")).toBeGreaterThan(rows / 2);
    },
    hour,
  );

  async function step(verb: string, ...args: string[]): Promise<void> {
    say(`$ vtpipe ${[verb, ...args].join(" ")}`);
    const { events, summary } = await handoff.succeeds(verb, ...args);
    for (const text of events.flatMap(told)) say(`  ${text}`);
    say(`  ${summary?.seconds.toFixed(1)} s; the writer has committed ${writer.written.transactions} transactions`);
  }
});

/** What a transcript is to hold of an event. */
function told(event: CliEvent): string[] {
  switch (event.type) {
    case "note":
    case "warning":
      return [event.text];
    case "snapshot":
      return [`snapshot at ${event.position}, writers held off for ${event.lockMs.toFixed(0)} ms`];
    case "table:loaded":
      return [`${event.table}: loaded ${event.rows} rows`];
    case "table:verified":
      return [`${event.table}: ${event.equal ? "equal" : "DIFFERS"}, ${event.rows} rows`];
    case "step":
      return [`${event.title} ${event.seconds?.toFixed(1)} s`];
    case "handoff":
      return event.status.workflows.flatMap(({ name, streams }) => streams.map((stream) => lagOf(name, stream)));
    default:
      return [];
  }
}

function lagOf(workflow: string, stream: StreamStatus): string {
  const { into, state, trend, transactionsBehind, secondsBehind, transactionsPerSecond } = stream;
  const pace = transactionsPerSecond === null ? "" : `, ${transactionsPerSecond.toFixed(0)} transactions/s`;
  return `${workflow} into ${into}: ${state}, ${trend}, ${transactionsBehind} transactions and ${secondsBehind?.toFixed(1)} s behind${pace}`;
}

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
