import { VtpipeError } from "../../contracts/errors.ts";
import { gtidName } from "../../follow/cursor.ts";
import {
  awaitLine,
  claimLine,
  createFollowTable,
  dropFollowTable,
  type FollowLine,
  followTable,
  insertLine,
  readLine,
} from "../../follow/follow-table.ts";
import { type GtidSet, gtidText, positionText } from "../../mysql/gtid-set.ts";
import { openLoadSession } from "../../vitess/shard-session.ts";
import type { TargetSide } from "../target-side.ts";
import type { FollowOrder } from "./follow-order.ts";

/**
 * Makes `writer` the only one whose steps count, and tells how far each shard is. Shards on which nothing was followed yet get a
 * line at `start`, but only when that is so for all of them: nothing is followed before all have one. `begun`: does the ledger
 * say that following has begun?
 */
export async function prepareShards(
  target: TargetSide,
  copy: string,
  start: GtidSet,
  begun: boolean,
  writer: string,
): Promise<FollowOrder["shards"]> {
  const lines = new Map<string, FollowLine | null>();
  for (const { name } of target.topology.shards) {
    await using session = await onShard(target, name);
    lines.set(name, await readLine(session, copy));
  }
  const without = [...lines].filter(([, line]) => line === null).map(([name]) => name);
  const moved = [...lines.values()].some((line) => line !== null && hasMoved(line, start));
  if (begun && without.length > 0) throw linesGone(copy, without);
  if (!begun && moved) throw followedElsewhere(copy);
  for (const [name, line] of lines) {
    await using session = await onShard(target, name);
    if (line === null) {
      await createFollowTable(session, copy);
      await insertLine(session, copy, start, writer);
    } else {
      // The last transaction of a process that was killed may have been under way when the line was read.
      await claimLine(session, copy, writer);
      lines.set(name, await awaitLine(session, copy));
    }
  }
  return [...lines.values()].map((line) => ({
    applied: positionText(line?.position.applied ?? start),
    partial: line?.position.partial ? { ...line.position.partial, gtid: gtidName(line.position.partial.gtid) } : null,
  }));
}

/** Takes the tables of these copies off every shard. */
export async function dropFollowTables(target: TargetSide, copies: readonly string[]): Promise<void> {
  for (const { name } of target.topology.shards) {
    await using session = await onShard(target, name);
    for (const copy of copies) await dropFollowTable(session, copy);
  }
}

function hasMoved({ position: { applied, partial } }: FollowLine, start: GtidSet): boolean {
  return partial !== null || gtidText(applied) !== gtidText(start);
}

function onShard({ address, topology }: TargetSide, shard: string) {
  return openLoadSession(address, { keyspace: topology.keyspace, shard }, {});
}

function linesGone(copy: string, shards: readonly string[]): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `The ledger says that following has begun, but there is no position of this copy in ${followTable(copy)} on shard ${shards.join(", ")}.`,
    now: "Nothing was changed. How far those shards are is not written anywhere.",
    todo: "The table was dropped, or the keyspace was resharded. Copy the tables again into empty ones, in a new run directory.",
  });
}

function followedElsewhere(copy: string): VtpipeError {
  return new VtpipeError({
    code: "preflight",
    message: `Transactions were applied to this copy on the target already (${followTable(copy)}), but not from this run directory.`,
    now: "Nothing was changed.",
    todo: `Go on from the run directory they were applied from. If the tables were emptied and loaded again since: DROP TABLE ${followTable(copy)} on every shard, then run the same command again.`,
  });
}
