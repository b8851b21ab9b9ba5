import type { Position } from "../contracts/position.ts";
import type { Session } from "../mysql/session.ts";

/** Where a source stands, as far as its global variables tell. */
export interface SourceState {
  readonly position: Position;
  /**
   * Are there transactions that have a GTID but are not yet in gtid_executed? Their rows may already be visible: the
   * storage engine commits first, the GTID is added after, and in between it is in gtid_owned.
   */
  readonly committing: boolean;
  /** Does the server refuse writes from every account? Replication may still apply some. */
  readonly superReadOnly: boolean;
  readonly serverUuid: string;
}

/**
 * Reads gtid_owned before gtid_executed, in two statements on purpose: a GTID moves from the first to the second, so
 * when the first is empty the second holds every transaction that was visible before this call.
 */
export async function readSourceState(session: Session): Promise<SourceState> {
  const [owned] = await session.query("SELECT @@GLOBAL.gtid_owned AS owned");
  const [row] = await session.query(
    `SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_mode AS mode, @@GLOBAL.super_read_only AS read_only,
       @@server_uuid AS uuid`,
  );
  return {
    position: positionOf(row?.["mode"] ?? "OFF", row?.["executed"] ?? ""),
    committing: (owned?.["owned"] ?? "") !== "",
    superReadOnly: row?.["read_only"] === "1",
    serverUuid: row?.["uuid"] ?? "",
  };
}

/** Only with gtid_mode ON does every transaction have a GTID; the permissive modes let anonymous ones pass. */
export function positionOf(gtidMode: string, gtidExecuted: string): Position {
  return gtidMode === "ON" ? `MySQL56/${gtidExecuted.replace(/\s+/g, "")}` : null;
}

/** Does nothing change on this server: it refuses writes from every account, and takes in nobody else's? */
export async function standsStill(session: Session): Promise<boolean> {
  return (await readSourceState(session)).superReadOnly && !(await takesInTransactions(session));
}

/** By what an account with REPLICATION CLIENT sees; true also when that is not granted. */
async function takesInTransactions(session: Session): Promise<boolean> {
  try {
    const channels = await session.query("SHOW REPLICA STATUS");
    const [group] = await session.query("SHOW GLOBAL VARIABLES LIKE 'group_replication_group_name'");
    return channels.some((row) => row["Replica_SQL_Running"] !== "No") || (group?.["Value"] ?? "") !== "";
  } catch {
    return true;
  }
}

/** Is anything applying a replication stream on this server? true also when that cannot be seen. */
export async function isReplicating(session: Session): Promise<boolean> {
  try {
    const [schema] = await session.query("SELECT @@GLOBAL.performance_schema AS enabled");
    if (schema?.["enabled"] !== "1") return true;
    const rows = await session.query(
      `SELECT 1 FROM performance_schema.replication_applier_status WHERE SERVICE_STATE = 'ON'
       UNION ALL SELECT 1 FROM performance_schema.replication_group_members WHERE MEMBER_STATE <> 'OFFLINE'`,
    );
    return rows.length > 0;
  } catch {
    return true;
  }
}
