import type { Finding } from "../../contracts/finding.ts";
import { type HandoffCheck, refusal, type ServerFacts } from "./facts.ts";

/** Do the servers that streams read from log whole rows? */
export const checkBinaryLog: HandoffCheck = ({ servers }) => [
  ...badServers(servers, ({ variables }) => variables.get("log_bin") === "ON", {
    code: "binary-log-off",
    text: (at) => `The binary log is off at ${at}: VReplication has nothing to read there.`,
    todo: "Start these servers with log_bin, or choose other tablets by handoff.tabletTypes and handoff.cells.",
  }),
  // Servers without the variable know no other format.
  ...badServers(servers, ({ variables }) => (variables.get("binlog_format") ?? "ROW") === "ROW", {
    code: "binary-log-format",
    text: (at) => `binlog_format is not ROW at ${at}: VReplication reads rows, not statements.`,
    todo: "SET GLOBAL binlog_format = 'ROW', and let clients reconnect.",
  }),
  ...badServers(servers, ({ variables }) => (variables.get("binlog_row_image") ?? "FULL") === "FULL", {
    code: "binary-log-row-image",
    text: (at) => `binlog_row_image is not FULL at ${at}: without whole rows VReplication cannot make the target's.`,
    todo: "SET GLOBAL binlog_row_image = 'FULL', and let clients reconnect.",
  }),
  ...badServers(servers, (server) => server.primary || logsReplicated(server), {
    code: "binary-log-replica",
    text: (at) =>
      `The replica at ${at} does not log what it replicates (log_replica_updates): streams read nothing there.`,
    todo: "Start it with log_replica_updates, or leave it out by handoff.tabletTypes and handoff.cells.",
  }),
];

function logsReplicated({ variables }: ServerFacts): boolean {
  return (variables.get("log_replica_updates") ?? variables.get("log_slave_updates")) === "ON";
}

/** One finding that names every server which is not as it should be. */
export function badServers(
  servers: readonly ServerFacts[],
  good: (server: ServerFacts) => boolean,
  { code, text, todo }: { code: string; text: (tablets: string) => string; todo: string },
): Finding[] {
  const bad = servers.filter((server) => !good(server)).map(({ tablet }) => tablet);
  return bad.length === 0 ? [] : [refusal(code, text(bad.join(", ")), todo)];
}
