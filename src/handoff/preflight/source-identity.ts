import type { Finding } from "../../contracts/finding.ts";
import { includesSet, parsePosition } from "../../mysql/gtid-set.ts";
import { type HandoffCheck, refusal, type ServerFacts, type SourceFacts, warning } from "./facts.ts";

/**
 * Is the server that rows are read from the one that the source's tablets stand in front of, or a replica of it? Otherwise
 * the copy's position means nothing to the streams. A replica will do: whatever it has executed, its primary has.
 */
export const checkSourceIdentity: HandoffCheck = ({ source, servers, view }) => {
  const keyspace = view.names.sourceKeyspace;
  if (view.sourceShards.length > 1) {
    return [
      refusal(
        "source-sharded",
        `Keyspace ${keyspace} has ${view.sourceShards.length} shards, and rows are read from one server.`,
        "Name the keyspace of an unsharded tablet in front of source.url in handoff.sourceKeyspace.",
      ),
    ];
  }
  const primary = servers.find((server) => server.primary);
  if (primary === undefined) return [];
  return [...sameServer(source, primary, servers, keyspace), ...sameDatabase(source, primary, keyspace)];
};

function sameServer(
  source: SourceFacts,
  primary: ServerFacts,
  servers: readonly ServerFacts[],
  keyspace: string,
): Finding[] {
  const uuids = servers.map(({ variables }) => variables.get("server_uuid"));
  if (uuids.includes(source.serverUuid)) return [];
  const where = `source.url (${source.address}, server ${source.serverUuid})`;
  if (source.executed !== "" && within(source.executed, primary.executed)) {
    return [
      warning(
        "source-is-replica",
        `${where} is behind no tablet of keyspace ${keyspace}; the server of ${primary.tablet} has all of its transactions, so it is taken for its replica.`,
        "Make sure that it replicates every table (no replication filters), or read from the server behind the tablet.",
      ),
    ];
  }
  return [
    refusal(
      "source-mismatch",
      `${where} is not the server behind ${primary.tablet} of keyspace ${keyspace} (${primary.variables.get("server_uuid")}), nor a replica of it: the copy's position would mean nothing there.`,
      "Set handoff.sourceKeyspace to the keyspace that serves source.url, or source.url to the server behind its tablet.",
    ),
  ];
}

function sameDatabase(source: SourceFacts, primary: ServerFacts, keyspace: string): Finding[] {
  if (source.database === primary.database) return [];
  return [
    refusal(
      "source-database",
      `Rows are read from database ${source.database}, and ${primary.tablet} of keyspace ${keyspace} serves database ${primary.database}.`,
      "Set source.url or handoff.sourceKeyspace so that both name one database (vttablet --init-db-name-override).",
    ),
  ];
}

/** Sets with tags are told of elsewhere, and are compared with nothing. */
function within(part: string, whole: string): boolean {
  try {
    return includesSet(parsePosition(whole), parsePosition(part));
  } catch {
    return false;
  }
}
