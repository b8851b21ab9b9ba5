import { asVtpipeError, toWire, VtpipeError } from "../../contracts/errors.ts";
import type { RowBatch } from "../../contracts/rows.ts";
import { applyToShard } from "../../follow/applier.ts";
import type { RowRef, ShardItem } from "../../follow/changes.ts";
import { withComputedAll } from "../../follow/computed-values.ts";
import { newIntake, parseGtidName, type ShardPosition } from "../../follow/cursor.ts";
import { distribute, type Placement, type ShardEntrance } from "../../follow/distribute.ts";
import { throughChain } from "../../follow/image-rows.ts";
import { newShardQueue } from "../../follow/shard-queue.ts";
import { positionsOf, standingOf, type TablePositions } from "../../follow/standing.ts";
import type { TableStatements } from "../../follow/statements.ts";
import { together } from "../../follow/together.ts";
import { isReached, isWithin, type Until } from "../../follow/until.ts";
import { retryLimits, startRetries } from "../../load/retry.ts";
import { troubleOf } from "../../load/trouble.ts";
import { type LogItem, readLog } from "../../mysql/binlog/read-log.ts";
import type { FollowedTable } from "../../mysql/binlog/rows-event.ts";
import { type Gtid, intersection, parsePosition, positionText, withGtid } from "../../mysql/gtid-set.ts";
import type { ServerAddress } from "../../mysql/server-url.ts";
import { openSession, type Session } from "../../mysql/session.ts";
import type { ChainNotes } from "../../transform/compile.ts";
import type { ChainPlan } from "../../transform/plan-chain.ts";
import { openLoadSession, setLoadMode } from "../../vitess/shard-session.ts";
import type { StopSignal } from "../stop-signal.ts";
import type { Strays } from "../strays.ts";
import type { TargetSetup } from "../target-lane.ts";
import type { WorkerSource, WorkerTable } from "../worker-task.ts";
import type { FollowOrder, FollowResult, FollowStatus } from "./follow-order.ts";
import { placementOf } from "./placement.ts";
import { tableStatements } from "./table-statements.ts";

/** One table on its way from the log to its shards. */
interface Lane {
  readonly positions: TablePositions;
  readonly source: WorkerSource;
  readonly chain: ChainPlan;
  readonly notes: ChainNotes;
  readonly placement: Placement;
  readonly statements: TableStatements;
}

export interface FollowOptions {
  readonly order: FollowOrder;
  readonly source: ServerAddress;
  readonly target: TargetSetup;
  readonly strays: Strays;
  readonly stop: StopSignal;
  /** Table, chain and notes by source name. */
  tableOf(name: string): Promise<{
    readonly table: WorkerTable;
    readonly source: WorkerSource;
    readonly chain: ChainPlan;
    readonly notes: ChainNotes;
  }>;
}

/** Following while it is at work. */
export interface Following {
  status(): FollowStatus;
  readonly done: Promise<FollowResult>;
}

/** Rows of an event before and after, with the cells that the chain takes. */
interface Images {
  readonly before: RowBatch | null;
  readonly after: RowBatch | null;
}

/** How often a wish to stop is looked for. */
const STOP_EVERY_MS = 100;
/** Statements that leave a table's rows and columns as they are. */
const indexOnly = /^\s*(?:create\s+(?:unique\s+|fulltext\s+|spatial\s+)?index|drop\s+index)\b/i;

/** Reads the source's log, sends its rows through the chains and applies them to the shards, until told to stop. */
export function startFollowing(options: FollowOptions): Following {
  const { order, target, stop } = options;
  const until: Until | null = order.until && {
    position: parsePosition(order.until.position),
    exact: order.until.exact,
  };
  const shards = order.shards.map(({ applied, partial }) => {
    const position: ShardPosition = {
      applied: parsePosition(applied),
      partial: partial && { gtid: parseGtidName(partial.gtid), done: partial.done },
    };
    return { position, committedAt: 0, intake: newIntake(position), queue: newShardQueue() };
  });
  const ending = new AbortController();
  const notes: string[] = [];
  let transactions = 0;
  let rows = 0;
  let reached = false;

  function status(): FollowStatus {
    const common = shards.map(({ position }) => position.applied).reduce(intersection);
    const told = shards.map((shard) => shard.committedAt);
    return {
      position: positionText(common),
      transactions,
      rows,
      committedAt: Math.min(...told),
      waiting: shards.reduce((sum, { queue }) => sum + queue.bytes, 0),
      notes: notes.splice(0),
    };
  }

  async function follow(): Promise<FollowResult> {
    const lanes = new Map<string, Lane>();
    for (const { source, positions } of order.tables) lanes.set(source, await laneOf(source, positions));
    const watch = setInterval(() => {
      if (stop.requested) ending.abort();
    }, STOP_EVERY_MS);
    let failure: unknown = null;
    const failed = (error: unknown): void => {
      failure ??= error;
      ending.abort();
      for (const { queue } of shards) queue.abort(error);
    };
    try {
      const appliers = shards.map((shard, i) =>
        applyToShard({
          shard: target.topology.shards[i]?.name ?? "",
          copy: order.copy,
          writer: order.writer,
          queue: shard.queue,
          signal: ending.signal,
          tableOf: (name) => (lanes.get(name) as Lane).statements,
          openSession: () => openTarget(target, i),
          setPermissive: (session, on) => setLoadMode(session, on ? "permissive" : "strict"),
          troubleOf,
          startTries: () => startRetries(retryLimits),
          applied: (items, position) => noteApplied(shard, items, position),
        }).catch(failed),
      );
      try {
        reached = await readAll(lanes);
      } catch (error) {
        // What was read before is whole transactions: it is applied, and then this is told.
        failure ??= error;
      }
      for (const { queue } of shards) queue.end();
      await Promise.all(appliers);
    } finally {
      clearInterval(watch);
    }
    return { ...status(), reached: reached && failure === null, failure: failure === null ? null : toWire(failure) };
  }

  function noteApplied(shard: (typeof shards)[number], items: readonly ShardItem[], position: ShardPosition): void {
    shard.position = position;
    for (const item of items) {
      if (item.type === "change") rows++;
      else if (item.committedAt > 0) shard.committedAt = item.committedAt;
    }
  }

  async function laneOf(name: string, positions: readonly string[]): Promise<Lane> {
    const { table, source, chain, notes } = await options.tableOf(name);
    const { manifest, routing } = table;
    const { columns, key, target: targetName } = manifest;
    const statements = tableStatements({ name: targetName, columns, key }, target.statementLimit);
    return {
      positions: positionsOf(positions.map(parsePosition)),
      source,
      chain,
      notes,
      statements,
      placement: placementOf(manifest, routing, statements, target.topology),
    };
  }

  /** True: the end that was asked for is reached; false: told to stop. */
  async function readAll(lanes: ReadonlyMap<string, Lane>): Promise<boolean> {
    let read = shards.map(({ position }) => position.applied).reduce(intersection);
    const followed = new Map(
      [...lanes].map(([name, { source }]): [string, FollowedTable] => [
        name,
        { columns: source.table.columns, cells: source.columns },
      ]),
    );
    let retries = startRetries(retryLimits);
    let asker: Session | null = null;
    const ask = async (): Promise<Session> => {
      asker ??= await openSession(options.source, { purpose: "source", signal: ending.signal });
      return asker;
    };
    try {
      for (;;) {
        if (isReached(until, read)) return true;
        const leaving = new AbortController();
        const log = readLog({
          address: options.source,
          database: options.source.database,
          tables: followed,
          position: read,
          signal: AbortSignal.any([ending.signal, leaving.signal]),
        });
        try {
          for await (const items of together(log)) {
            if (ending.signal.aborted) return false;
            const images = await imagesOf(items, lanes, ask);
            for (const [i, item] of items.entries()) {
              if (isReached(until, read)) return true;
              if (item.type === "idle") continue;
              if (item.type === "rows") await takeRows(item, images[i] as Images, lanes);
              else if (item.type === "schema") refuseSchema(item, lanes);
              else {
                takeCommit(item.gtid, item.committedAt);
                read = withGtid(read, item.gtid);
                retries = startRetries(retryLimits);
              }
            }
            if (isReached(until, read)) return true;
          }
        } catch (error) {
          if (ending.signal.aborted) return false;
          if (!asVtpipeError(error).retryable) throw error;
          const paused = await retries.pause(ending.signal).catch(() => false);
          if (ending.signal.aborted) return false;
          if (!paused) throw error;
          (asker as Session | null)?.destroy();
          asker = null;
          for (const { intake } of shards) intake.again();
          notes.push(`The source is asked again: ${asVtpipeError(error).message}`);
        } finally {
          leaving.abort();
          // Closes the stream; it may have to wait for what it was asked for last.
          void log.return().catch(() => {});
        }
      }
    } finally {
      await (asker as Session | null)?.close();
    }
  }

  /** Rows of tables for which the source computes something, with what it computes; asked for together. */
  async function imagesOf(
    items: readonly LogItem[],
    lanes: ReadonlyMap<string, Lane>,
    ask: () => Promise<Session>,
  ): Promise<readonly (Images | null)[]> {
    const images = items.map((item): Images | null => (item.type === "rows" ? item.changes : null));
    for (const [name, { chain, source, positions }] of lanes) {
      if (chain.computed.length === 0) continue;
      const places = items.flatMap((item, i) => {
        if (item.type !== "rows" || item.table !== name || standingOf(positions, item.gtid) === "known") return [];
        const { before, after } = item.changes;
        return [
          ...(before === null ? [] : [{ i, side: "before" as const, batch: before }]),
          ...(after === null ? [] : [{ i, side: "after" as const, batch: after }]),
        ];
      });
      if (places.length === 0) continue;
      const computed = await withComputedAll(
        await ask(),
        source.columns,
        chain.computed.map(({ expression }) => expression),
        places.map(({ batch }) => batch),
      );
      for (const [n, { i, side }] of places.entries())
        images[i] = { ...(images[i] as Images), [side]: computed[n] ?? null };
    }
    return images;
  }

  async function takeRows(
    { gtid, table }: Extract<LogItem, { type: "rows" }>,
    images: Images,
    lanes: ReadonlyMap<string, Lane>,
  ): Promise<void> {
    const lane = lanes.get(table) as Lane;
    const standing = standingOf(lane.positions, gtid);
    if (standing === "known") return;
    if (!isWithin(until, gtid)) throw beyondEnd(gtid);
    const through = (batch: RowBatch | null): (RowRef | null)[] =>
      batch === null ? [] : throughChain(batch, (part) => lane.chain.pieces(part, lane.notes));
    const rows = { before: through(images.before), after: through(images.after) };
    await options.strays.settle();
    await distribute(gtid, lane.placement, rows, standing === "partly", shards satisfies readonly ShardEntrance[]);
  }

  function takeCommit(gtid: Gtid, committedAt: number): void {
    if (!isWithin(until, gtid)) throw beyondEnd(gtid);
    transactions++;
    for (const { intake, queue } of shards) if (intake.ends(gtid)) queue.commit(gtid, committedAt);
  }

  function refuseSchema(item: Extract<LogItem, { type: "schema" }>, lanes: ReadonlyMap<string, Lane>): void {
    const meant = item.tables.filter((name) => {
      const lane = lanes.get(name);
      return lane !== undefined && standingOf(lane.positions, item.gtid) !== "known";
    });
    if (meant.length === 0) return;
    if (indexOnly.test(item.statement)) {
      notes.push(`${meant.join(", ")}: only the source has this index change, the target is yours: ${item.statement}`);
      return;
    }
    throw new VtpipeError({
      code: "source",
      message: `Table ${meant.join(", ")} was changed as a whole on the source: ${item.statement}`,
      now: `Every transaction before ${item.gtid.uuid}:${item.gtid.number} is on the target, none after it.`,
      todo: "Following cannot go past such a statement. Copy the table again into an empty one in a run directory of its own, and follow from there; `vtpipe follow --finish` ends this one.",
      context: { table: meant[0] ?? "", gtid: `${item.gtid.uuid}:${item.gtid.number}` },
    });
  }

  const done = follow();
  return { status, done };
}

async function openTarget({ address, topology }: TargetSetup, shard: number): Promise<Session> {
  const name = topology.shards[shard]?.name ?? null;
  return openLoadSession(address, { keyspace: topology.keyspace, shard: name }, {});
}

function beyondEnd({ uuid, number }: Gtid): VtpipeError {
  return new VtpipeError({
    code: "source",
    message: `Transaction ${uuid}:${number} comes in the source's log before all of the position that was asked for, and is not in it.`,
    now: "Every transaction before it is on the target, it and all later ones are not.",
    todo: "Ask for a position that the source had as a whole, such as its gtid_executed at some moment.",
    context: { gtid: `${uuid}:${number}` },
  });
}
