import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { SecondaryKey } from "../contracts/secondary-key.ts";
import { buildKeysSql, dropKeysSql, keysLeft } from "../load/secondary-keys.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import { openSchemaSession } from "../vitess/shard-session.ts";
import type { RunState } from "./run-state.ts";
import type { TargetSide } from "./target-side.ts";

/** The secondary keys of a run's tables, which are built after the rows. */
export interface DeferredKeys {
  /** Builds a table's keys on all shards, one table after the other; returns at once. The table must be loaded. */
  build(table: string): void;
  /** Waits for what `build` began, then builds what any run before has left. Throws what went wrong. */
  finish(): Promise<void>;
}

export interface DeferOptions {
  readonly state: RunState;
  readonly target: TargetSide;
  readonly emit: EventSink;
  /** By source table, what may be dropped before its first row comes. */
  readonly keys: ReadonlyMap<string, readonly SecondaryKey[]>;
}

/**
 * Drops the keys, so that inserting a row touches one tree instead of several, and each is built in one sorted pass at the end.
 * What is dropped is in the ledger before: however a run ends, the next one knows what is to be built.
 */
export async function deferKeys(options: DeferOptions): Promise<DeferredKeys> {
  const { state, target, emit, keys } = options;
  for (const [table, those] of keys) {
    if (state.journal.deferredKeys(target.id).has(table)) continue;
    await state.record({ type: "keys", target: target.id, table, event: "deferred", keys: those });
    await onShards(target, async (session) => {
      const { missing } = keysLeft(those, await createStatement(session, tableOf(state, table)));
      const there = those.filter((key) => !missing.includes(key));
      if (there.length > 0) await session.run(dropKeysSql(tableOf(state, table).target, there));
    });
    emit({
      type: "note",
      text: `${table}: ${namesOf(those)} ${those.length > 1 ? "are" : "is"} built after its rows.`,
    });
  }

  const failures: unknown[] = [];
  const begun = new Set<string>();
  let line: Promise<void> = Promise.resolve();
  const buildOne = async (table: string): Promise<void> => {
    const wanted = state.journal.deferredKeys(target.id).get(table);
    if (wanted === undefined || failures.length > 0) return;
    const startedAt = performance.now();
    const place = tableOf(state, table);
    await onShards(target, (session, shard) => buildOn(session, shard, place, wanted)).catch((error: unknown) => {
      throw unbuilt(table, wanted, error);
    });
    await state.record({ type: "keys", target: target.id, table, event: "built", keys: [] });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    emit({ type: "note", text: `${table}: built ${namesOf(wanted)} in ${seconds} s.` });
  };
  const build = (table: string): void => {
    if (begun.has(table)) return;
    begun.add(table);
    line = line.then(() => buildOne(table)).catch((error: unknown) => void failures.push(error));
  };
  return {
    build,
    async finish() {
      for (const table of state.journal.deferredKeys(target.id).keys()) build(table);
      await line;
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Keys that are still to be built, for whoever ends a run before they are. */
export function unbuiltKeys(state: RunState, target: string): string | null {
  const left = [...state.journal.deferredKeys(target)];
  if (left.length === 0) return null;
  return left.map(([table, keys]) => `${table} (${namesOf(keys)})`).join(", ");
}

async function buildOn(
  session: Session,
  shard: string,
  table: ManifestTable,
  wanted: readonly SecondaryKey[],
): Promise<void> {
  const { missing } = keysLeft(wanted, await createStatement(session, table));
  if (missing.length > 0) {
    try {
      await session.run(buildKeysSql(table.target, missing));
    } catch (error) {
      // A run that was killed may have left its statement at work on the server, which then was first.
      if (keysLeft(wanted, await createStatement(session, table)).missing.length > 0) throw error;
    }
  }
  const { changed } = keysLeft(wanted, await createStatement(session, table));
  const [first] = changed;
  if (first === undefined) return;
  throw new Error(`on shard ${shard} key ${first.name} is there, but not as ${first.definition}`);
}

/** Works on all shards at once; the first failure is thrown when all have come to an end. */
async function onShards(
  { address, topology }: TargetSide,
  work: (session: Session, shard: string) => Promise<void>,
): Promise<void> {
  const all = topology.shards.map(async ({ name }) => {
    await using session = await openSchemaSession(address, topology.keyspace, name);
    await work(session, name);
  });
  await Promise.allSettled(all);
  await Promise.all(all);
}

async function createStatement(session: Session, { target }: ManifestTable): Promise<string> {
  const [row] = await session.query(`SHOW CREATE TABLE ${quoteName(target)}`);
  return row?.["Create Table"] ?? "";
}

function tableOf({ manifest }: RunState, table: string): ManifestTable {
  const found = manifest.tables.find(({ source }) => source === table);
  if (found === undefined) throw new RangeError(`table ${table} is not part of this run`);
  return found;
}

const namesOf = (keys: readonly SecondaryKey[]): string =>
  `${keys.length > 1 ? "keys" : "key"} ${keys.map(({ name }) => name).join(", ")}`;

function unbuilt(table: string, keys: readonly SecondaryKey[], cause: unknown): VtpipeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new VtpipeError({
    code: "target",
    message: `The secondary keys of table ${table} could not be built on the target: ${why}`,
    now: `All rows of the table are there; it lacks ${namesOf(keys)} on some shards.`,
    todo: `Run the same command again, or build them by hand: ${buildKeysSql(table, keys)}.`,
    context: { table },
    cause,
  });
}
