import { expect, test } from "vitest";
import { peakOfVtpipe, ratiosOf, readCeiling, tableOf } from "../../../bench/report.ts";
import { measureRounds, type Peer, type Results, type Sample } from "../../../bench/samples.ts";
import { spreadOf } from "../../../src/bench/statistics.ts";

function sample(group: Sample["group"], name: string, wallSeconds: number, peakRssMiB: number | null = 10): Sample {
  return { group, name, wallSeconds, cpuSeconds: wallSeconds / 2, peakRssMiB, rows: 1000, bytesOut: null };
}

const samples: Sample[] = [
  sample("dump", readCeiling, 2),
  sample("dump", "vtpipe dump, zstd, 4 workers", 3, 300),
  sample("dump", "vtpipe dump, zstd, 4 workers", 3, 310.4),
  sample("dump", "vtpipe dump, zstd, 4 workers", 9, 305),
  sample("dump", "mydumper, uncompressed, 4 threads", 4, 999),
  sample("load", "vtpipe load, auto", 10),
  sample("load", "mysqldump piped into the gate, one session (mysql)", 30),
  sample("load", "multi-row INSERT into the shards' mysqld, 4 sessions", 7),
  sample("handoff", "vtpipe run, then vtpipe handoff", 4),
  sample("handoff", "MoveTables, its defaults", 8),
  sample("verify", "vtpipe verify", 1),
  sample("verify", "vtpipe dump of the loaded part", 2.5),
];
const results: Results = { samples, absent: [{ group: "dump", name: "mydumper, gzip, 4 threads", why: "not there" }] };

test("spread: the middle one, or the mean of the two in the middle", () => {
  expect(spreadOf([3, 1, 9])).toEqual({ median: 3, min: 1, max: 9 });
  expect(spreadOf([4, 1, 2, 9])?.median).toBe(3);
  expect(spreadOf([])).toBeNull();
});

test("ratios are of medians; dumps by time, loads by speed; null where a side is absent", () => {
  expect(ratiosOf(results)).toEqual({
    dump_wall_vs_read_ceiling: 1.5,
    dump_wall_vs_mydumper_zipped: null,
    dump_wall_vs_mydumper_plain: 0.75,
    load_vs_mysqldump_pipe: 3,
    load_vs_routed_insert: null,
    load_vs_direct: 0.7,
    handoff_vs_move_tables: 2,
    handoff_verified_vs_move_tables: null,
    handoff_vs_move_tables_tuned: null,
    verify_share: 0.08,
  });
});

test("the peak is vtpipe's, not that of other programs", () => {
  expect(peakOfVtpipe(results)).toBe(310);
  expect(peakOfVtpipe({ samples: [sample("dump", "mydumper, gzip", 1)], absent: [] })).toBeNull();
});

test("the table has medians with their spread, ratios, and what was not measured and why", () => {
  const table = tableOf(results);
  expect(table).toMatch(/^vtpipe dump, zstd, 4 workers +3\.00 \(3\.00–9\.00\) +0\.3 +1\.50 +305 +- +0\.75$/m);
  expect(table).toContain("not measured: mydumper, gzip, 4 threads: not there");
});

test("rounds alternate their order, and what fails or is absent is told once", async () => {
  const ran: string[] = [];
  const peer = (name: string, absent: string | null, fails = false): Peer => ({
    group: "dump",
    name,
    absent,
    run: async () => {
      ran.push(name);
      if (fails) throw new Error("it broke");
      return [sample("dump", name, 1)];
    },
  });
  const peers = [peer("a", null), peer("b", null, true), peer("c", "not here"), peer("d", null)];
  const measured = await measureRounds(peers, 2, () => {});
  expect(ran).toEqual(["a", "b", "d", "d", "a"]);
  expect(measured.samples.map(({ name }) => name)).toEqual(["a", "d", "d", "a"]);
  expect(measured.absent.map(({ name, why }) => `${name}: ${why}`)).toEqual(["c: not here", "b: it broke"]);
});
