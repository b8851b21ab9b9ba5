import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { vtpipe } from "../support/cli.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: the demo on real Vitess; the target is the ${description}\n`);

/** As `npm start` runs it, on a cluster of its own. */
describe.skipIf(kind !== "vitess")("the sandbox's demo on real Vitess", () => {
  test("copies under a live writer, hands over, catches up, compares, switches, and goes back", {
    timeout: 620_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "vtpipe-demo-test-"));
    try {
      const args = ["sandbox", "demo", "--vitess", "always", "--directory", join(folder, "run")];
      const demo = await vtpipe(args, { longestMs: 600_000 });
      expect(demo.error).toBeNull();
      expect(demo.exitCode).toBe(0);
      expect(demo.events.flatMap((event) => (event.type === "headline" ? [event.text] : []))).toEqual([
        "Servers, and a shop's database",
        "The copy, while the shop goes on selling",
        "The handoff: VReplication starts at the copy's position",
        "Catching up, while the shop goes on selling",
        "Source and target compared, while both change",
        "The switch",
        "A write on the new side, seen on the old",
        "And back",
      ]);
      // All tables by the copy's verification, then those of the shop again, by VDiff and by checksums at one position.
      const verified = demo.events.flatMap((event) =>
        event.type === "table:verified" && event.equal ? [event.table] : [],
      );
      expect(verified).toHaveLength(19 + 3);
      expect(verified.slice(19).sort()).toEqual(["order_lines", "orders", "sessions"]);
      expect(demo.stdout).toMatch(/Proven: line 101 of order 1, written through vtgate, was on the old source/);
      expect(demo.stdout).toMatch(/Proven: the shop sells on the old source again; line 102/);
      expect(demo.stdout).toContain("no process of it is left");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
