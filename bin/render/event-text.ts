import pc from "picocolors";
import type { RunEvent } from "../../src/contracts/events.ts";
import { ways } from "../../src/contracts/limits.ts";
import { limitsText } from "../../src/contracts/limits-text.ts";
import { formatBytes, formatCount, formatSeconds } from "./format.ts";
import { handoffText } from "./handoff-text.ts";

/** One event as one line for people, or null when it says nothing that is worth a line. */
export function eventText(event: RunEvent): string | null {
  switch (event.type) {
    case "note":
      return event.text;
    case "headline":
      return `\n${pc.bold(event.text)}`;
    case "warning": {
      const where = [event.table, event.column].filter((part) => part !== undefined).join(".");
      return pc.yellow(`warning: ${where === "" ? "" : `${where}: `}${event.text}`);
    }
    case "snapshot":
      return `snapshot of ${event.workers} workers at ${event.position ?? "no position (GTIDs are off)"} by ${event.method}, writers held off for ${event.lockMs.toFixed(0)} ms`;
    case "table:planned":
    case "pace":
    case "chunk:size":
      return null;
    case "limits":
      return `limits: ${limitsText(event.limits, event.paused)}`;
    case "throttle":
      return throttleText(event);
    case "throttle:total":
      return totalText(event);
    case "stalled":
      return pc.yellow(`stalled: ${event.text}`);
    case "table:dumped":
      return `${event.table}: read ${formatCount(event.rows)} rows, ${formatBytes(event.bytes)} in ${event.chunks} chunks`;
    case "table:loaded":
      return `${event.table}: loaded ${formatCount(event.rows)} rows`;
    case "table:verified":
      return event.equal
        ? `${event.table}: equal, ${formatCount(event.rows)} rows`
        : pc.red(`${event.table}: source and target DIFFER`);
    case "difference":
      return pc.red(
        `${event.table}: row ${event.key} is ${event.what}${event.columns.length > 0 ? ` in ${event.columns.join(", ")}` : ""}`,
      );
    case "strategy":
      return `${event.table}: ${event.strategy}, ${event.routing} (${event.why})`;
    case "step": {
      const commands = event.commands.map((command) => pc.dim(`    ${command}`));
      const title = event.seconds === null ? event.title : `${event.title} ${event.seconds.toFixed(1)} s`;
      return [title, ...commands].join("\n");
    }
    case "handoff":
      return handoffText(event.status);
    case "follow":
      return followLine(event);
    case "measured": {
      const speed = `${formatCount(event.rowsPerSecond)} rows/s, ${formatBytes(event.bytesPerSecond)}/s`;
      return `${event.number}/${event.of} ${event.what}: ${speed}`;
    }
    case "progress":
    case "summary":
      return null;
  }
}

function throttleText({ way, state, text }: Extract<RunEvent, { type: "throttle" }>): string {
  switch (state) {
    case "paused":
      return pc.yellow(`${way} paused: ${text}`);
    case "slowed":
      return `${way}: ${text}`;
    case "running":
      return `${way} goes on: ${text}`;
  }
}

function totalText({ pausedSeconds, workerSeconds }: Extract<RunEvent, { type: "throttle:total" }>): string {
  const paused = ways.flatMap((way) =>
    pausedSeconds[way] > 0 ? [`${way} for ${formatSeconds(pausedSeconds[way])}`] : [],
  );
  const waited = `workers waited for limits for ${formatSeconds(workerSeconds)}, added up`;
  return `throttled: ${[...(paused.length > 0 ? [`paused ${paused.join(" and ")}`] : []), waited].join("; ")}`;
}

/** How far following is, in one line. */
export function followLine(event: Extract<RunEvent, { type: "follow" }>): string {
  const { transactions, rows, transactionsPerSecond, rowsPerSecond, lagTransactions, lagSeconds } = event;
  const behind = lagTransactions === null ? "the source does not answer" : `${formatCount(lagTransactions)} behind`;
  const late = lagSeconds === null ? "" : ` (${lagSeconds.toFixed(1)} s)`;
  return [
    "following",
    `${formatCount(transactions)} transactions`,
    `${formatCount(rows)} rows`,
    `${formatCount(transactionsPerSecond)} transactions/s`,
    `${formatCount(rowsPerSecond)} rows/s`,
    `${behind}${late}`,
  ].join(" · ");
}
