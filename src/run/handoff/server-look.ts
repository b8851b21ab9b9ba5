import { asVtpipeError } from "../../contracts/errors.ts";
import { type ServerLook, workflowsOf } from "../../handoff/handoff-status.ts";
import type { HandoffView, ShardView } from "../../handoff/view.ts";
import { parsePosition } from "../../mysql/gtid-set.ts";
import type { Vtctld } from "../../vitess/vtctld/client.ts";
import { resultRows } from "../../vitess/vtctld/query-result.ts";

/** Servers that the view's streams read from, and what those that did not answer said. */
export interface ServerLooks {
  readonly servers: ReadonlyMap<string, ServerLook>;
  readonly silent: readonly string[];
}

/** Asks the MySQL behind each shard that a stream reads from, through its primary tablet. Changes nothing. */
export async function lookAtServers(vtctld: Vtctld, view: HandoffView): Promise<ServerLooks> {
  const read = new Set(
    workflowsOf(view).flatMap(({ workflow }) => workflow.streams.map(({ from }) => `${from.keyspace}/${from.shard}`)),
  );
  const { sourceKeyspace, targetKeyspace } = view.names;
  const shards = [
    ...view.sourceShards.map((shard) => ({ server: `${sourceKeyspace}/${shard.name}`, shard })),
    ...view.targetShards.map((shard) => ({ server: `${targetKeyspace}/${shard.name}`, shard })),
  ].filter(({ server }) => read.has(server));
  const servers = new Map<string, ServerLook>();
  const silent: string[] = [];
  await Promise.all(
    shards.map(async ({ server, shard }) => {
      try {
        servers.set(server, await lookAtServer(vtctld, shard));
      } catch (error) {
        silent.push(`MySQL of ${server}: ${asVtpipeError(error).message}`);
      }
    }),
  );
  return { servers, silent };
}

async function lookAtServer(vtctld: Vtctld, { primary }: ShardView): Promise<ServerLook> {
  const ask = async (query: string) => {
    const { result } = await vtctld.call("ExecuteFetchAsDBA", { tabletAlias: primary, query, maxRows: 10 });
    return resultRows(result);
  };
  // Not among the variables below: SHOW VARIABLES cuts a value at 1024 characters.
  const [gtids] = await ask(
    "select @@global.gtid_executed as executed, @@global.gtid_purged as purged, unix_timestamp(now(6)) as now_is",
  );
  const variables = new Map(
    // Older servers do not have all of these.
    (
      await ask(
        "show global variables where variable_name in ('binlog_expire_logs_seconds', 'binlog_expire_logs_auto_purge')",
      )
    ).map((row) => [row["Variable_name"], row["Value"]]),
  );
  const expire = variables.get("binlog_expire_logs_seconds");
  return {
    at: Number(gtids?.["now_is"] ?? 0),
    executed: parsePosition(gtids?.["executed"] ?? ""),
    keeping: {
      purged: parsePosition(gtids?.["purged"] ?? ""),
      expireSeconds: expire == null ? null : Number(expire),
      autoPurge: variables.get("binlog_expire_logs_auto_purge") !== "OFF",
    },
  };
}
