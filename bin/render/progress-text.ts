import pc from "picocolors";
import type { Progress, TableProgress } from "../../src/contracts/events.ts";
import { formatBytes, formatCount, formatSeconds } from "./format.ts";

const barWidth = 24;
/** A live block taller than this scrolls the terminal; the tables that move are the ones worth showing. */
const tablesShown = 12;

/** The live block: a bar for each table on its way, then the speed, the time left and what limits it. */
export function progressText(progress: Progress): string {
  const active = progress.tables.filter((table) => !table.loaded && (table.rowsDumped > 0 || table.rowsLoaded > 0));
  const done = progress.tables.filter((table) => table.loaded).length;
  const nameWidth = Math.max(8, ...active.slice(0, tablesShown).map((table) => table.source.length));
  const lines = active.slice(0, tablesShown).map((table) => tableLine(table, nameWidth));
  if (active.length > tablesShown) lines.push(pc.dim(`… and ${active.length - tablesShown} more tables`));
  lines.push(statusLine(progress, done));
  return lines.join("\n");
}

/** One line for places that are not terminals. */
export function statusLine(progress: Progress, tablesDone: number): string {
  const parts = [
    progress.phase,
    `${tablesDone}/${progress.tables.length} tables`,
    `read ${formatCount(progress.rowsDumped)} rows`,
    `loaded ${formatCount(progress.rowsLoaded)}`,
    `${formatCount(progress.rowsPerSecond)} rows/s`,
    `${formatBytes(progress.bytesPerSecond)}/s`,
  ];
  if (progress.etaSeconds !== null) parts.push(`about ${formatSeconds(progress.etaSeconds)} left`);
  if (progress.throttled !== null) parts.push(`waiting: ${progress.throttled}`);
  else if (progress.limitedBy !== null) parts.push(`limited by ${progress.limitedBy}`);
  return parts.join(" · ");
}

function tableLine(table: TableProgress, nameWidth: number): string {
  const expected = Math.max(table.rowsEstimate, table.rowsDumped, table.rowsLoaded, 1);
  const dumped = table.dumped ? 1 : table.rowsDumped / expected;
  const loaded = table.dumped ? table.rowsLoaded / Math.max(table.rowsDumped, 1) : table.rowsLoaded / expected;
  const loadedCells = Math.floor(Math.min(loaded, dumped) * barWidth);
  const dumpedCells = Math.max(Math.floor(dumped * barWidth) - loadedCells, 0);
  const bar = pc.green("█".repeat(loadedCells)) + pc.cyan("▒".repeat(dumpedCells));
  const rest = " ".repeat(barWidth - loadedCells - dumpedCells);
  return `${table.source.padEnd(nameWidth)} ${bar}${rest} ${formatCount(table.rowsLoaded || table.rowsDumped)} rows`;
}
