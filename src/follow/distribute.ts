import { VtpipeError } from "../contracts/errors.ts";
import type { Gtid } from "../mysql/gtid-set.ts";
import { arriving, changeOf, leaving, type RowChange, type RowRef } from "./changes.ts";
import type { Intake } from "./cursor.ts";
import type { ShardQueue } from "./shard-queue.ts";

/** A shard as the reader sees it. */
export interface ShardEntrance {
  readonly intake: Intake;
  readonly queue: ShardQueue;
}

/** Where rows of a table belong. */
export interface Placement {
  readonly table: string;
  /** Per row the shard's number, -1: none; null: every shard has a copy of each row. */
  shardsOf(rows: readonly RowRef[]): Int32Array | null;
  textOf(row: RowRef): string;
}

/**
 * Gives the changes of an event to the shards they are for, in order. A row that changes its shard is a delete on one
 * and an insert on the other. Waits while a shard's queue is full. Returns how many rows were changed.
 */
export async function distribute(
  gtid: Gtid,
  placement: Placement,
  rows: { readonly before: readonly (RowRef | null)[]; readonly after: readonly (RowRef | null)[] },
  idempotent: boolean,
  shards: readonly ShardEntrance[],
): Promise<number> {
  const before = placed(placement, rows.before);
  const after = placed(placement, rows.after);
  const count = Math.max(rows.before.length, rows.after.length);
  let changed = 0;
  for (let i = 0; i < count; i++) {
    const change = changeOf(placement.table, rows.before[i] ?? null, rows.after[i] ?? null, idempotent);
    if (change === null) continue;
    changed++;
    for (const [shard, part] of partsOf(change, before?.[i] ?? null, after?.[i] ?? null, shards.length)) {
      const entrance = shards[shard];
      if (entrance === undefined) throw homeless(placement, part);
      if (!entrance.intake.wants(gtid)) continue;
      entrance.queue.change(gtid, part);
      await entrance.queue.room();
    }
  }
  return changed;
}

/** Per row its shard; null where there is no row; as a whole null when rows are everywhere. */
function placed(placement: Placement, rows: readonly (RowRef | null)[]): (number | null)[] | null {
  const there = rows.filter((row) => row !== null);
  const shards = placement.shardsOf(there);
  if (shards === null) return null;
  let next = 0;
  return rows.map((row) => (row === null ? null : (shards[next++] as number)));
}

function* partsOf(
  change: RowChange,
  from: number | null,
  to: number | null,
  shards: number,
): Generator<[number, RowChange]> {
  if (from === null && to === null) {
    for (let shard = 0; shard < shards; shard++) yield [shard, change];
  } else if (from === null || to === null || from === to) yield [(from ?? to) as number, change];
  else {
    yield [from, leaving(change)];
    yield [to, arriving(change)];
  }
}

function homeless({ table, textOf }: Placement, { before, after }: RowChange): VtpipeError {
  const row = after ?? before;
  return new VtpipeError({
    code: "target",
    message: `A row of table ${table} has no shard: the value of its sharding column has no keyspace id (${row === null ? "" : textOf(row)}).`,
    now: "Every transaction before it is on the target, none after it.",
    todo: "Correct the value at the source, or give it another by a transform in a new run directory.",
    context: { table },
  });
}
