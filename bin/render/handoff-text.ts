import pc from "picocolors";
import type { BinlogClock, HandoffStatus, StreamStatus, StreamTrend } from "../../src/contracts/handoff-status.ts";
import { formatCount, formatSeconds, formatTable } from "./format.ts";

/** How a handoff stands, for people: its lanes, a line for each stream, then whatever somebody should do something about. */
export function handoffText(status: HandoffStatus): string {
  const lanes = status.lanes.map(
    ({ workflow, tables, state, meaning }) =>
      `${workflow} (${tables} ${tables === 1 ? "table" : "tables"}): ${pc.bold(state)}. ${meaning}`,
  );
  if (lanes.length === 0) lanes.push("No handoff was begun from this run directory.");
  const streams = status.workflows.flatMap(({ name, streams: all }) => all.map((stream) => ({ name, stream })));
  return [
    ...lanes,
    ...(streams.length === 0 ? [] : ["", streamTable(streams)]),
    ...streams.flatMap(({ name, stream }) => remarks(name, stream)),
    ...status.binlogs.map(clockText),
    ...(status.away === null ? [] : [pc.yellow(`no answer since ${status.away.since}: ${status.away.what}`)]),
    pc.dim(status.at),
  ].join("\n");
}

function streamTable(streams: readonly { readonly name: string; readonly stream: StreamStatus }[]): string {
  return formatTable(
    ["stream", "from", "into", "state", "behind", "", "per second", "caught up"],
    streams.map(({ name, stream }) => [
      `${name} ${stream.id}`,
      stream.from,
      stream.into,
      stream.state,
      stream.transactionsBehind === null ? "–" : `${formatCount(stream.transactionsBehind)} tx`,
      stream.secondsBehind === null ? "–" : formatSeconds(stream.secondsBehind),
      stream.transactionsPerSecond === null ? "–" : formatCount(stream.transactionsPerSecond),
      whenCaughtUp(stream),
    ]),
    [4, 5, 6],
  );
}

const trends: Readonly<Record<StreamTrend, string>> = {
  "caught-up": "yes",
  gaining: "",
  "falling-behind": "falling behind",
  stalled: "standing still",
  idle: "–",
  unknown: "…",
};

function whenCaughtUp({ trend, etaSeconds }: StreamStatus): string {
  return trend === "gaining" && etaSeconds !== null ? `in ${formatSeconds(etaSeconds)}` : trends[trend];
}

function remarks(workflow: string, { id, into, throttled, trouble }: StreamStatus): string[] {
  const name = `${workflow} ${id} into ${into}`;
  const lines: string[] = [];
  if (throttled !== null) {
    lines.push(pc.yellow(`${name}: throttled: ${throttled.by}${throttled.why === "" ? "" : `: ${throttled.why}`}`));
  }
  if (trouble !== null) {
    const colour = trouble.retried ? pc.yellow : pc.red;
    lines.push(
      colour(`${name}: ${trouble.meaning}${trouble.retried ? " Vitess tries again by itself." : ""}`),
      `    To do: ${trouble.todo}`,
      pc.dim(`    ${trouble.message}`),
    );
  }
  return lines;
}

function clockText({ state, text, todo }: BinlogClock): string {
  const line = `binary logs: ${text}${todo === null ? "" : ` ${todo}`}`;
  if (state === "lost") return pc.red(line);
  return todo === null ? line : pc.yellow(line);
}
