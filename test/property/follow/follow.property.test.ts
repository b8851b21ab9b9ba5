import fc from "fast-check";
import { expect, test } from "vitest";
import { type RowRef, rowBytes, type ShardItem } from "../../../src/follow/changes.ts";
import { advanced, newIntake, type ShardPosition } from "../../../src/follow/cursor.ts";
import { distribute, type Placement } from "../../../src/follow/distribute.ts";
import { type NetChange, netChanges } from "../../../src/follow/net.ts";
import { newShardQueue } from "../../../src/follow/shard-queue.ts";
import { positionsOf, standingOf, startPosition } from "../../../src/follow/standing.ts";
import { type Gtid, type GtidSet, intersection, withGtid } from "../../../src/mysql/gtid-set.ts";

/** Rows are an id and a unique value; the value decides the shard, so that rows wander. */
type Rows = Map<string, string>;
interface Op {
  readonly before: readonly [string, string] | null;
  readonly after: readonly [string, string] | null;
}
interface Scene {
  /** What each transaction did, and the source after it. */
  readonly log: readonly { readonly ops: readonly Op[]; readonly rows: Rows }[];
  readonly older: number;
  readonly newer: number;
}

const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const gtidOf = (index: number): Gtid => ({ uuid, number: index + 1 });
const upTo = (count: number): GtidSet => (count === 0 ? new Map() : new Map([[uuid, [{ first: 1, last: count }]]]));
const shardOf = (value: string): number => Number(value) % 2;

const wish = fc.record({
  what: fc.constantFrom("insert", "delete", "value", "id", "swap"),
  id: fc.integer({ min: 0, max: 9 }),
  other: fc.integer({ min: 0, max: 9 }),
});

/** A history that a source with both keys unique can have, and two positions in it. */
const scenes = fc
  .record({
    wishes: fc.array(fc.array(wish, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 }),
    cuts: fc.tuple(fc.nat(), fc.nat()),
  })
  .map(({ wishes, cuts }): Scene => {
    const rows: Rows = new Map();
    const log = wishes.map((transaction) => {
      const ops = transaction.flatMap((one) => done(rows, one));
      return { ops, rows: new Map(rows) };
    });
    const [a = 0, b = 0] = cuts.map((cut) => cut % (log.length + 1)).sort((x, y) => x - y);
    return { log, older: a, newer: b };
  });

function done(rows: Rows, { what, id, other }: { what: string; id: number; other: number }): Op[] {
  const [key, next] = [String(id), String(other)];
  const free = (value: string): boolean => ![...rows.values()].includes(value);
  const set = (from: string | null, to: string | null, value: string | null): Op => {
    const before = from === null ? null : ([from, rows.get(from) ?? ""] as const);
    if (from !== null) rows.delete(from);
    if (to !== null) rows.set(to, value ?? "");
    return { before, after: to === null ? null : [to, value ?? ""] };
  };
  const own = rows.get(key);
  if (what === "insert") return own === undefined && free(next) ? [set(null, key, next)] : [];
  if (own === undefined) return [];
  if (what === "delete") return [set(key, null, null)];
  if (what === "value") return free(next) ? [set(key, key, next)] : [];
  if (what === "id") return rows.has(next) ? [] : [set(key, next, own)];
  const theirs = rows.get(next);
  if (theirs === undefined || next === key) return [];
  // Through a value nobody has.
  return [set(key, key, "99"), set(next, next, own), set(key, key, theirs)];
}

function rowOf(cells: readonly [string, string] | null): RowRef | null {
  if (cells === null) return null;
  const bytes = Buffer.concat(cells.map((cell) => Buffer.concat([Buffer.of(cell.length), Buffer.from(cell)])));
  return { batch: { bytes, offsets: Uint32Array.of(0, bytes.length), rows: 1 }, row: 0 };
}

function cellsOf(row: RowRef): [string, string] {
  const bytes = rowBytes(row);
  const split = 1 + (bytes[0] as number);
  return [bytes.toString("latin1", 1, split), bytes.toString("latin1", split + 1)];
}

const placement: Placement = {
  table: "t",
  shardsOf: (rows) => Int32Array.from(rows, (row) => shardOf(cellsOf(row)[1])),
  textOf: (row) => cellsOf(row).join(),
};
const netTable = { keyed: true, keyOf: (row: RowRef) => cellsOf(row)[0] };

/** A shard of the target that takes what a real one would. */
function apply(rows: Rows, { gone, come, idempotent }: NetChange): void {
  for (const row of gone) {
    const there = rows.delete(cellsOf(row)[0]);
    if (!idempotent) expect(there, "a row that goes is there").toBe(true);
  }
  for (const row of come) {
    const [id, value] = cellsOf(row);
    for (const [otherId, otherValue] of [...rows]) {
      if (otherId !== id && otherValue !== value) continue;
      expect(idempotent, "a row that comes finds its keys free").toBe(true);
      rows.delete(otherId);
    }
    rows.set(id, value);
  }
}

/** One life of the process: how far it reads, how much it applies, where it reads again, how much goes in a batch. */
const life = fc.record({
  ops: fc.integer({ min: 0, max: 60 }),
  batches: fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 })),
  again: fc.integer({ min: 0, max: 60 }),
  rows: fc.integer({ min: 1, max: 6 }),
});

test("killed at any moment and with chunks of two positions, the shards together become the source", async () => {
  await fc.assert(
    fc.asyncProperty(scenes, fc.array(life, { maxLength: 4 }), async ({ log, older, newer }, lives) => {
      const at = (position: number): Rows => (position === 0 ? new Map() : (log[position - 1]?.rows ?? new Map()));
      const copied = [
        ...[...at(older)].filter(([id]) => Number(id) < 5),
        ...[...at(newer)].filter(([id]) => Number(id) >= 5),
      ];
      const loaded = [0, 1].map((shard) => new Map(copied.filter(([, value]) => shardOf(value) === shard)));
      // A load that meets a value twice on a shard fails, and nothing is followed.
      fc.pre(loaded.every((rows) => new Set(rows.values()).size === rows.size));
      const positions = positionsOf([upTo(older), upTo(newer)]);
      const start: ShardPosition = { applied: startPosition([positions]), partial: null };
      const shards = loaded.map((rows) => ({ rows, position: start }));
      const everything = { ops: 1e9, batches: [1e9, 1e9] as [number, number], again: 1e9, rows: 3 };

      for (const { ops, batches, again, rows: most } of [...lives, everything]) {
        const entrances = shards.map(({ position }) => ({ intake: newIntake(position), queue: newShardQueue() }));
        let left = ops;
        let untilAgain = again;
        const read = async (from: GtidSet): Promise<GtidSet | null> => {
          let known = from;
          for (const [index, { ops: changes }] of log.entries()) {
            const gtid = gtidOf(index);
            if (from.get(uuid)?.some(({ last }) => gtid.number <= last)) continue;
            for (const { before, after } of changes) {
              if (left-- <= 0) return null;
              if (untilAgain-- === 0) return known;
              const standing = standingOf(positions, gtid);
              if (standing === "known") continue;
              const images = { before: [rowOf(before)], after: [rowOf(after)] };
              await distribute(gtid, placement, images, standing === "partly", entrances);
            }
            for (const { intake, queue } of entrances) if (intake.ends(gtid)) queue.commit(gtid, 0);
            known = withGtid(known, gtid);
          }
          return null;
        };
        let from: GtidSet | null = shards.map(({ position }) => position.applied).reduce(intersection);
        while (from !== null) {
          from = await read(from);
          if (from !== null) for (const { intake } of entrances) intake.again();
        }
        for (const [i, shard] of shards.entries()) {
          const queue = entrances[i]?.queue;
          queue?.end();
          for (let batch = 0; batch < (batches[i] ?? 0); batch++) {
            const items: readonly ShardItem[] | null = (await queue?.take({ rows: most, bytes: 1e9 })) ?? null;
            if (items === null) break;
            const changes = items.flatMap((item) => (item.type === "change" ? [item.change] : []));
            for (const net of netChanges(changes, () => netTable)) apply(shard.rows, net);
            shard.position = advanced(shard.position, items);
          }
        }
      }
      const found = new Map(shards.flatMap(({ rows }) => [...rows]));
      expect([...found].sort()).toEqual([...(log.at(-1)?.rows ?? [])].sort());
      expect(shards.map(({ rows }) => rows.size).reduce((a, b) => a + b)).toBe(found.size);
      for (const { position } of shards) {
        expect(position).toEqual({ applied: upTo(log.length), partial: null });
      }
    }),
    { numRuns: 1000 },
  );
});
