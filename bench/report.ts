import { spreadOf } from "../src/bench/statistics.ts";
import { aligned } from "../src/contracts/aligned.ts";
import type { Spread } from "../src/contracts/bench.ts";
import { copyAndHandoffName, moveTablesName } from "./peers/handoff.ts";
import { directName, routedName } from "./peers/insert.ts";
import { mydumperName } from "./peers/mydumper.ts";
import { pipeName } from "./peers/mysqldump.ts";
import { dumpName } from "./peers/vtpipe-dump.ts";
import { loadName, partDumpName, verifyName } from "./peers/vtpipe-load.ts";
import type { Group, Results, Sample } from "./samples.ts";

/** The last line of `--json`. A ratio is null when one of its two sides was not measured. */
export interface BenchLine {
  readonly type: "bench";
  readonly rows: number;
  readonly loadRows: number;
  readonly rounds: number;
  readonly ratios: Readonly<Record<string, number | null>>;
  /** Largest of all vtpipe processes. */
  readonly peakRssMiB: number | null;
  readonly target: "vitess" | "router";
}

export const readCeiling = "read only: vtpipe's reader, 4 connections";

/** `dump_…` and `verify_share` are times divided by times: smaller is better. `load_…` and `handoff_…` are speeds: larger is better. */
export function ratiosOf({ samples }: Results): Record<string, number | null> {
  const wall = (name: string): number | null => spreadOf(walls(samples, name))?.median ?? null;
  const over = (a: number | null, b: number | null): number | null =>
    a === null || b === null || b === 0 ? null : Number((a / b).toFixed(3));
  const dump = wall(dumpName(4));
  const load = wall(loadName("auto"));
  const part = wall(partDumpName);
  const pipe = samples.find(({ name }) => name.startsWith(pipeName))?.name ?? pipeName;
  return {
    dump_wall_vs_read_ceiling: over(dump, wall(readCeiling)),
    dump_wall_vs_mydumper_zipped: over(dump, wall(mydumperName(true))),
    dump_wall_vs_mydumper_plain: over(dump, wall(mydumperName(false))),
    load_vs_mysqldump_pipe: over(wall(pipe), load),
    load_vs_routed_insert: over(wall(routedName), load),
    load_vs_direct: over(wall(directName), load),
    handoff_vs_move_tables: over(wall(moveTablesName(1)), wall(copyAndHandoffName(false))),
    handoff_verified_vs_move_tables: over(wall(moveTablesName(1)), wall(copyAndHandoffName(true))),
    handoff_vs_move_tables_tuned: over(wall(moveTablesName(4)), wall(copyAndHandoffName(false))),
    verify_share: over(wall(verifyName), load === null || part === null ? null : load + part),
  };
}

export function peakOfVtpipe({ samples }: Results): number | null {
  const peaks = samples.filter(({ name }) => name.startsWith("vtpipe ")).map(({ peakRssMiB }) => peakRssMiB ?? 0);
  const peak = Math.max(0, ...peaks);
  return peak === 0 ? null : Math.round(peak);
}

const walls = (samples: readonly Sample[], name: string): number[] =>
  samples.filter((sample) => sample.name === name).map(({ wallSeconds }) => wallSeconds);

const groups: readonly { readonly group: Group; readonly title: string; readonly base: string; readonly of: string }[] =
  [
    { group: "dump", title: "Dump", base: mydumperName(false), of: "time against mydumper uncompressed" },
    { group: "load", title: "Load through the target", base: directName, of: "speed against direct" },
    { group: "handoff", title: "Copy and handoff", base: moveTablesName(1), of: "speed against MoveTables" },
    { group: "verify", title: "Verify", base: partDumpName, of: "time against dump" },
  ];

/** The table for people: medians, with the smallest and largest wall time where there were several rounds. */
export function tableOf(results: Results): string {
  const told = ({ group }: (typeof groups)[number]): boolean =>
    [...results.samples, ...results.absent].some((one) => one.group === group);
  return groups
    .filter(told)
    .map((group) => groupTable(results, group))
    .join("\n\n");
}

function groupTable({ samples, absent }: Results, { group, title, base, of }: (typeof groups)[number]): string {
  const here = samples.filter((sample) => sample.group === group);
  const baseWall = spreadOf(walls(here, base))?.median ?? null;
  const rows = [...new Set(here.map(({ name }) => name))].map((name) => {
    const own = here.filter((sample) => sample.name === name);
    const wall = spreadOf(own.map(({ wallSeconds }) => wallSeconds));
    if (wall === null) return [name];
    const speed = group === "load" || group === "handoff";
    const ratio = baseWall === null ? null : speed ? baseWall / wall.median : wall.median / baseWall;
    return [
      name,
      withSpread(wall),
      ((own[0]?.rows ?? 0) / wall.median / 1000).toFixed(1),
      middle(own.map(({ cpuSeconds }) => cpuSeconds))?.toFixed(2) ?? "-",
      middle(own.flatMap(({ peakRssMiB }) => peakRssMiB ?? []))?.toFixed(0) ?? "-",
      middle(own.flatMap(({ bytesOut }) => (bytesOut === null ? [] : bytesOut / 1e6)))?.toFixed(0) ?? "-",
      ratio?.toFixed(2) ?? "-",
    ];
  });
  const head = [title, "wall s", "k rows/s", "client CPU s", "peak RSS MiB", "MB out", "ratio"];
  const missing = absent.filter((one) => one.group === group).map(({ name, why }) => `  not measured: ${name}: ${why}`);
  return [...aligned([head, ...rows]), `  ratio: ${of}`, ...missing].join("\n");
}

const middle = (figures: readonly number[]): number | null => spreadOf(figures)?.median ?? null;

function withSpread({ median, min, max }: Spread): string {
  return min === max ? median.toFixed(2) : `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}
