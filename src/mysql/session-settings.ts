import type { ServerAddress } from "./server-url.ts";

/**
 * Seconds a session to the source may be idle. A snapshot or a lock may sit idle for days while others read; its loss would cost
 * the run. 24 days: the most that every platform's server takes.
 */
export const IDLE_SECONDS = 2_147_483;

/**
 * The settings every session is pinned to, so that the server's defaults cannot change the bytes of a row or end a long
 * read. A vtgate session gets none that would make vtgate reserve a connection per shard.
 */
export function settingsFor(scheme: ServerAddress["scheme"], purpose: "source" | "target" | "control"): string[] {
  const names = "SET NAMES utf8mb4";
  if (scheme === "vtgate") return [names];
  const common = ["time_zone = '+00:00'"];
  const reading = [
    ...common,
    // An empty mode: zero dates come as they are, CHAR is not padded, backslash escapes work.
    "sql_mode = ''",
    "max_execution_time = 0",
    "transaction_isolation = 'REPEATABLE-READ'",
    `wait_timeout = ${IDLE_SECONDS}`,
  ];
  const source = [
    ...reading,
    // The reader may pause while the disk is slow; the server must not take that for a dead client.
    "net_write_timeout = 86400",
    // Nothing we do there may write.
    "transaction_read_only = ON",
  ];
  const chosen = { source, control: reading, target: common }[purpose];
  return [names, `SET SESSION ${chosen.join(", SESSION ")}`];
}
