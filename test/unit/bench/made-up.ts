import type { Group, Results, Sample } from "../../../bench/samples.ts";
import type { JudgeContext, Sizes } from "../../../bench/sections/section.ts";

/** Samples that nobody measured, one for each wall time: a round each. */
export function samplesOf(
  group: Group,
  name: string,
  walls: readonly number[],
  more: Partial<Omit<Sample, "figures">> & { readonly figures?: readonly Readonly<Record<string, number>>[] } = {},
): Sample[] {
  const { figures = [], ...rest } = more;
  return walls.map((wallSeconds, round) => ({
    group,
    name,
    wallSeconds,
    cpuSeconds: wallSeconds / 2,
    peakRssMiB: 10,
    rows: 1000,
    bytesOut: null,
    ...rest,
    ...(figures[round] === undefined ? {} : { figures: figures[round] }),
  }));
}

export const nothing: Results = { samples: [], absent: [] };

export const sizes: Sizes = {
  rows: 1_000_000,
  loadRows: 200_000,
  rounds: 2,
  workers: 4,
  tables: 5000,
  growth: 4,
  memoryRows: 20_000_000,
  seed: "test",
};

export const onVitess: JudgeContext = { sizes, target: "vitess" };
export const onRouter: JudgeContext = { sizes, target: "router" };
