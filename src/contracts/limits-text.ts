import type { Limits } from "./limits.ts";

const units = ["B", "KiB", "MiB", "GiB"];

/** Bytes a second in the units they are configured in: 50 MiB/s. */
export function rateText(bytesPerSecond: number): string {
  let value = bytesPerSecond;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}/s`;
}

/** The limits that are set, by their names in the config. */
export function limitsText(limits: Limits, paused: boolean): string {
  const { maxRate, threadsRunning, sourceLagSeconds, targetLagSeconds, vitessThrottler, historyListLength } = limits;
  const set = [
    maxRate === null ? "" : `maxRate ${rateText(maxRate)}`,
    threadsRunning === null ? "" : `threadsRunning ${threadsRunning}`,
    sourceLagSeconds === null ? "" : `sourceLagSeconds ${sourceLagSeconds}`,
    targetLagSeconds === null ? "" : `targetLagSeconds ${targetLagSeconds}`,
    vitessThrottler ? "vitessThrottler" : "",
    historyListLength === null ? "" : `historyListLength ${historyListLength}`,
    paused ? "paused on request" : "",
  ].filter((part) => part !== "");
  return set.join(", ") || "none";
}
