import type { Finding } from "../../contracts/finding.ts";
import { includesSet, parsePosition, tagsIn } from "../../mysql/gtid-set.ts";
import { badServers } from "./binary-log.ts";
import { type HandoffCheck, refusal, type ServerFacts } from "./facts.ts";

/** Has every transaction a GTID that VReplication reads, and are those after the copy's position still there? */
export const checkGtids: HandoffCheck = ({ servers, position, moment, source }) => {
  const tags = [
    ...new Set([position, source.executed, ...servers.flatMap((s) => [s.executed, s.purged])].flatMap(tagsIn)),
  ];
  const off = badServers(servers, ({ variables }) => variables.get("gtid_mode") === "ON", {
    code: "gtid-off",
    text: (at) => `gtid_mode is not ON at ${at}: streams start at a GTID position.`,
    todo: "Turn GTIDs on, step by step as the MySQL manual says: gtid_mode OFF_PERMISSIVE, ON_PERMISSIVE, ON.",
  });
  if (tags.length > 0) {
    return [
      ...off,
      refusal(
        "gtid-tagged",
        `There are tagged GTIDs (${tags.sort().join(", ")}), which Vitess cannot read.`,
        "Hand off from a server whose gtid_executed has no tags, or name the tables in handoff.follow of a source without them.",
      ),
    ];
  }
  return [...off, ...servers.flatMap((server) => purgedBeyond(server, position, moment === "copy"))];
};

function purgedBeyond({ tablet, purged }: ServerFacts, position: string, before: boolean): Finding[] {
  if (includesSet(parsePosition(position), parsePosition(purged))) return [];
  return [
    refusal(
      "gtid-purged",
      before
        ? `The server of ${tablet} has purged transactions that the source of the copy has not seen, so it cannot be its replica.`
        : `The server of ${tablet} has purged binary logs with transactions after the copy's position: what they changed is lost to VReplication.`,
      before
        ? "Look at both servers' gtid_executed; read from servers of one replication topology."
        : "Copy again with longer retention (binlog_expire_logs_seconds), or have streams read from a server that still has the logs (handoff.tabletTypes).",
    ),
  ];
}
