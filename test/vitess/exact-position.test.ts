import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type BusyHandoff, newBusyHandoff } from "../support/busy-handoff.ts";
import { createBusyTables } from "../support/busy-tables.ts";
import { startWriter } from "../support/busy-writer.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess")
  process.stderr.write(`SKIPPED: the exact position on real Vitess; the target is the ${description}\n`);

/** The nightly run says 100. */
const rounds = Number(process.env["VTPIPE_POSITION_ROUNDS"] ?? 2);

/**
 * Whatever commits while the lock is taken, snapshots open and the position is read is either in the copy or after the position. One
 * transaction on both sides would stop a stream by a duplicate key or apply a change twice; one on neither would be missing.
 */
describe.skipIf(kind !== "vitess")("the position of the copy is exact", () => {
  let handoff: BusyHandoff;
  beforeAll(async () => {
    handoff = await newBusyHandoff("pos_", 1000);
  });
  afterAll(() => handoff?.[Symbol.asyncDispose]());

  for (let round = 1; round <= rounds; round++) {
    test(`round ${round}: copied and handed over under a writer, not one row lost or doubled`, async () => {
      await using writer = await startWriter({ ...handoff.busy, seed: `position ${round}`, sessions: 4 });
      await writer.more(50);
      const ran = await handoff.succeeds("run", "--no-verify");
      await handoff.succeeds("handoff");
      const { transactions } = await writer.stop();
      expect(transactions).toBeGreaterThan(50);
      expect(ran.summary?.position).toMatch(/^MySQL56\//);
      await handoff.same();
      await handoff.again();
      // What the writer adds would make each round longer than the one before.
      await createBusyTables(handoff.busy);
    });
  }
});
