import { VtpipeError } from "../../contracts/errors.ts";
import type { ShardView } from "../../handoff/view.ts";
import { quoteString } from "../../mysql/identifiers.ts";
import type { Vtctld } from "../../vitess/vtctld/client.ts";
import { resultRows } from "../../vitess/vtctld/query-result.ts";

/** Questions about GTID sets, put to the source's MySQL, which knows all their forms. */

const flavor = "MySQL56/";
const plain = (position: string): string => (position.startsWith(flavor) ? position.slice(flavor.length) : position);

/** Where the source is now, as Vitess writes positions. */
export async function sourcePosition(vtctld: Vtctld, shards: readonly ShardView[]): Promise<string> {
  const row = await ask(vtctld, shards, "select @@global.gtid_executed as answer");
  return `${flavor}${row.replaceAll(/\s/g, "")}`;
}

/** Do all `positions` hold every transaction of `wanted`? */
export async function allReached(
  vtctld: Vtctld,
  shards: readonly ShardView[],
  wanted: string,
  positions: readonly string[],
): Promise<boolean> {
  const tests = positions.map(
    (position) => `gtid_subset(${quoteString(plain(wanted))}, ${quoteString(plain(position))})`,
  );
  return (await ask(vtctld, shards, `select ${["1", ...tests].join(" and ")} as answer`)) === "1";
}

async function ask(vtctld: Vtctld, [shard]: readonly ShardView[], query: string): Promise<string> {
  if (shard === undefined) throw noShards();
  const { result } = await vtctld.call("ExecuteFetchAsDBA", { tabletAlias: shard.primary, query, maxRows: 1 });
  return resultRows(result)[0]?.["answer"] ?? "";
}

function noShards(): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: "The source keyspace has no shards.",
    now: "Nothing was changed.",
    todo: "Put a tablet in front of the source (see Vitess's guide on unmanaged tablets), and name its keyspace in handoff.sourceKeyspace.",
  });
}
