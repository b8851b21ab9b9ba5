import { stripVTControlCharacters } from "node:util";
import type { EventSink, RunEvent } from "../../src/contracts/events.ts";
import { eventText, followLine } from "./event-text.ts";
import { handoffText } from "./handoff-text.ts";
import { progressText, statusLine } from "./progress-text.ts";
import { summaryText } from "./summary.ts";

/** Lines of a log that nobody watches need no four progress lines a second. */
const plainProgressEveryMs = 5000;

/** JSON lines: every event as it is, one a line. */
export function jsonRenderer(write: (text: string) => void): EventSink {
  return (event) => write(`${JSON.stringify(event)}\n`);
}

/** Plain lines, for pipes, files and CI. */
export function plainRenderer(write: (text: string) => void, now: () => number = Date.now): EventSink {
  let lastProgress = now();
  return (event) => {
    if (event.type === "summary") return write(`\n${summaryText(event)}\n`);
    if (event.type === "progress") {
      if (now() - lastProgress < plainProgressEveryMs) return;
      lastProgress = now();
      return write(`${statusLine(event.progress, event.progress.tables.filter((table) => table.loaded).length)}\n`);
    }
    if (event.type === "follow") {
      if (now() - lastProgress < plainProgressEveryMs) return;
      lastProgress = now();
    }
    const text = eventText(event);
    if (text !== null) write(`${text}\n`);
  };
}

/** A block at the bottom of a terminal that is drawn anew, with the lines that stay above it. */
export function liveRenderer(
  write: (text: string) => void,
  columns: () => number = () => process.stdout.columns || 80,
): EventSink {
  let drawn = 0;
  const erase = (): string => (drawn > 0 ? `\u001b[${drawn}A\u001b[0J` : "");
  return (event: RunEvent) => {
    const block = liveBlock(event);
    if (block !== null) {
      write(`${erase()}${block}\n`);
      drawn = terminalLines(block, columns());
      return;
    }
    const text = event.type === "summary" ? `\n${summaryText(event)}` : eventText(event);
    if (text === null) return;
    write(`${erase()}${text}\n`);
    drawn = 0;
  };
}

/** What is drawn anew in place of what it said before; null: the event has a line of its own, or none. */
function liveBlock(event: RunEvent): string | null {
  switch (event.type) {
    case "progress":
      return progressText(event.progress);
    case "follow":
      return followLine(event);
    case "handoff":
      return handoffText(event.status);
    default:
      return null;
  }
}

/** Lines that a text takes on a terminal, which breaks those that are wider than it is. */
function terminalLines(text: string, columns: number): number {
  const widths = text.split("\n").map((line) => [...stripVTControlCharacters(line)].length);
  return widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
}
