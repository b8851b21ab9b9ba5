import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { newBusyHandoff } from "../support/busy-handoff.ts";
import { startWriter } from "../support/busy-writer.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: an encrypted handoff; the target is the ${description}\n`);

describe.skipIf(kind !== "vitess")("a handoff whose run directory is encrypted", { timeout: 600_000 }, () => {
  test("goes its whole way by its key, and by another key no step", async () => {
    const runKey = randomBytes(32).toString("base64");
    const env = { RUN_KEY: randomBytes(32).toString("base64") };
    await using handoff = await newBusyHandoff("enc_", 400, { names: ["pages", "people"], runKey });
    const expectRefused = async (verb: string, ...args: string[]): Promise<void> => {
      const { error, events } = await handoff.runWith({ env }, verb, ...args);
      expect(error, verb).toMatchObject({
        code: "config",
        message: expect.stringContaining("and the config's key is "),
      });
      expect(events.filter(({ type }) => type === "step")).toEqual([]);
    };

    await using writer = await startWriter({ ...handoff.busy, seed: "encrypted", sessions: 2 });
    await handoff.succeeds("run");
    await writer.more(100);
    await expectRefused("handoff start");
    await handoff.succeeds("handoff start");
    await writer.more(100);
    await expectRefused("vdiff");
    await handoff.succeeds("vdiff");
    await writer.stop();
    await handoff.same();
    await expectRefused("switch", "--writers-fenced");
    await handoff.succeeds("switch", "--writers-fenced");
    await expectRefused("reverse", "--lose-target-writes");
    await handoff.succeeds("reverse", "--lose-target-writes");
    await handoff.same();
    await expectRefused("cancel");
    await handoff.succeeds("cancel");

    // Of what the steps wrote into the directory nothing is readable, be it a position only.
    const ledger = readFileSync(join(handoff.directory, "ledger.jsonl"), "utf8");
    expect(ledger).not.toContain(handoff.busy.database);
    for (const text of ["handoff", "workflow", "position"]) expect(ledger, text).not.toContain(text);
    expect(readdirSync(handoff.directory)).toContain("manifest.json");
  });
});
