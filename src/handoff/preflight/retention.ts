import { type HandoffCheck, refusal, warning } from "./facts.ts";

/** Copying is an estimate and catching up takes its time too: less than this many forecasts of retention is warned of. */
const comfortable = 3;
const shortestSeconds = 3600;

/** Are the binary logs of the copy's time still there when the copy is done? */
export const checkRetention: HandoffCheck = ({ servers, forecast: { bytes, rate } }) => {
  const seconds = bytes / rate;
  const needs = `The copy of about ${amount(bytes)} at ${amount(rate)}/s takes about ${span(seconds)}, and the source's binary logs have to reach back to its beginning`;
  return servers.flatMap(({ tablet, variables }) => {
    const kept = Number(variables.get("binlog_expire_logs_seconds") ?? "0");
    if (kept === 0 || variables.get("binlog_expire_logs_auto_purge") === "OFF") return [];
    const todo = `SET PERSIST binlog_expire_logs_seconds to ${Math.ceil(Math.max(seconds * comfortable, shortestSeconds))} or more until traffic is switched.`;
    if (kept < seconds)
      return [refusal("retention", `${needs}; the server of ${tablet} keeps them for ${span(kept)}.`, todo)];
    if (kept >= Math.max(seconds * comfortable, shortestSeconds)) return [];
    return [
      warning(
        "retention",
        `${needs}; the server of ${tablet} keeps them for ${span(kept)}, which is little more.`,
        todo,
      ),
    ];
  });
};

function amount(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

function span(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
