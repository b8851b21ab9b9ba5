import { spreadOf } from "../src/bench/statistics.ts";
import { aligned } from "../src/contracts/aligned.ts";
import type { BenchAim } from "../src/contracts/bench.ts";
import { spreadText, wallOf } from "./judge.ts";
import { inGroup, type Results } from "./samples.ts";
import type { GroupTable } from "./sections/section.ts";

/** The last line of `--json`. */
export interface BenchLine {
  readonly type: "bench";
  readonly rows: number;
  readonly loadRows: number;
  readonly rounds: number;
  readonly workers: number;
  /** `dump_…`, `verify_share`, `keep_files`, `memory_…`, `skew_…` and `growth_…`: smaller is better; others: larger. null: a side was not measured. */
  readonly ratios: Readonly<Record<string, number | null>>;
  /** Figures of this machine, which mean little on another. */
  readonly figures: Readonly<Record<string, number | null>>;
  readonly aims: readonly BenchAim[];
  /** Largest of all vtpipe processes, those with rows of many MiB left out. */
  readonly peakRssMiB: number | null;
  readonly target: "vitess" | "router" | null;
}

/** The largest vtpipe process, in MiB. Rows of 64 MiB have a line of their own in the memory section. */
export function peakOfVtpipe({ samples }: Results): number | null {
  const own = samples.filter(({ name }) => name.startsWith("vtpipe ") && !name.includes("rows of "));
  const peak = Math.max(0, ...own.map(({ peakRssMiB }) => peakRssMiB ?? 0));
  return peak === 0 ? null : Math.round(peak);
}

/** The table of one group: medians, with the smallest and largest wall time where there were several rounds. Empty without results. */
export function groupText(results: Results, table: GroupTable): string {
  const { samples, absent } = inGroup(results, table.group);
  if (samples.length + absent.length === 0) return "";
  const baseWall = spreadOf(samples.filter(({ name }) => name === table.base).map(wallOf))?.median ?? null;
  const unit = table.unit ?? "rows";
  const rows = [...new Set(samples.map(({ name }) => name))].map((name) => {
    const own = samples.filter((sample) => sample.name === name);
    const wall = spreadOf(own.map(wallOf));
    if (wall === null) return [name];
    const ratio = baseWall === null ? null : table.ratio === "speed" ? baseWall / wall.median : wall.median / baseWall;
    return [
      name,
      spreadText(wall),
      speedText((own[0]?.rows ?? 0) / wall.median, unit),
      middle(own.map(({ cpuSeconds }) => cpuSeconds))?.toFixed(2) ?? "-",
      middle(own.flatMap(({ peakRssMiB }) => peakRssMiB ?? []))?.toFixed(0) ?? "-",
      middle(own.flatMap(({ bytesOut }) => (bytesOut === null ? [] : bytesOut / 1e6)))?.toFixed(0) ?? "-",
      ...(table.of === "" ? [] : [ratio?.toFixed(2) ?? "-"]),
    ];
  });
  const speed = unit === "rows" ? "k rows/s" : `${unit}/s`;
  const ratio = table.of === "" ? [] : ["ratio"];
  const head = [table.title, "wall s", speed, "client CPU s", "peak RSS MiB", "MB out", ...ratio];
  const missing = absent.map(({ name, why }) => `  not measured: ${name}: ${why}`);
  const told = table.of === "" ? [] : [`  ratio: ${table.ratio} ${table.of}`];
  return [...aligned([head, ...rows]), ...told, ...missing].join("\n");
}

const speedText = (perSecond: number, unit: string): string =>
  unit === "rows" ? (perSecond / 1000).toFixed(1) : perSecond.toFixed(0);

const middle = (figures: readonly number[]): number | null => spreadOf(figures)?.median ?? null;

/** The aims, one line for each figure that is asked for. */
export function aimsText(aims: readonly BenchAim[]): string {
  const head = ["aim", "what", "wanted", "state", "found"];
  const rows = aims.map(({ aim, what, wanted, found, state }) => [String(aim), what, wanted, state, found]);
  // All columns to the left: the last one is a sentence.
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => (row[at] ?? "").length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Of the seven aims those of which every figure was met, those with a figure that was missed, and the others. */
export function verdictText(aims: readonly BenchAim[]): string {
  const numbers = [...new Set(aims.map(({ aim }) => aim))].sort((a, b) => a - b);
  const of = (aim: number) => aims.filter((line) => line.aim === aim).map(({ state }) => state);
  const missed = numbers.filter((aim) => of(aim).includes("missed"));
  const met = numbers.filter((aim) => of(aim).every((state) => state === "met"));
  const others = numbers.filter((aim) => !missed.includes(aim) && !met.includes(aim));
  const said = (name: string, list: readonly number[]): string[] =>
    list.length === 0 ? [] : [`${name}: ${list.join(", ")}`];
  return [
    ...said("aims met", met),
    ...said("missed in some figure", missed),
    ...said("not measured in full", others),
  ].join("; ");
}
