import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import type { Finding } from "../contracts/finding.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { Column, TableSchema } from "../contracts/schema.ts";
import type { SecondaryKey } from "../contracts/secondary-key.ts";
import { readStatementLimit } from "../load/row-limit.ts";
import { secondaryKeys } from "../load/secondary-keys.ts";
import type { LoadTable } from "../load/table.ts";
import { checkServer, checkTargetTables, compareColumns, extraColumns, keyOnTarget } from "../load/target-checks.ts";
import { inspectTables, type NeedsDefinition } from "../source/inspect.ts";
import { openReadSession } from "../vitess/shard-session.ts";
import { reportFindings } from "./findings.ts";
import { prepareLedger } from "./load-ledger.ts";
import type { RunState } from "./run-state.ts";
import { onShard, type TargetSide } from "./target-side.ts";

/** What the checks found out that loading and verifying go by. */
export interface TargetFit {
  /** The tables of the manifest, with keys and ranges only as far as the target's own tables bear them out. */
  readonly tables: ReadonlyMap<string, ManifestTable>;
  /** Largest statement every shard takes, bytes. */
  readonly statementLimit: number;
  /** By source table, keys to be built after the rows, the same on every shard; only tables nothing was sent to yet. */
  readonly keys: ReadonlyMap<string, readonly SecondaryKey[]>;
  /** Was a load ledger made on the shards, for tables without a key? */
  readonly ledger: boolean;
}

/**
 * Looks at every table on every shard and refuses, with all reasons at once, a target that rows could not be loaded
 * into. Inserts nothing; its one change is the load ledger, when there are tables without a key. `mayDefer` tells of a source
 * table whether its secondary keys are wanted.
 */
export async function checkTarget(
  target: TargetSide,
  state: RunState,
  mayDefer: (table: string) => boolean,
  emit: EventSink,
): Promise<TargetFit> {
  const { manifest } = state;
  const begun = begunTables(state, target);
  const findings: Finding[] = [];
  const fits = new Map(manifest.tables.map((table) => [table.source, table]));
  const keys = new Map<string, readonly SecondaryKey[]>();
  let statementLimit = Number.POSITIVE_INFINITY;
  const looks = await lookAtShards(target, { tables: manifest.tables, begun, mayDefer });
  for (const { server, limit, tables, schemas } of looks) {
    findings.push(...server);
    statementLimit = Math.min(statementLimit, limit);
    // Once for all tables: of thousands hardly one has foreign keys.
    const referencing = [...schemas.values()].filter(({ foreignKeys }) => foreignKeys.length > 0);
    for (const [index, table] of manifest.tables.entries()) {
      findings.push(...(tables[index] ?? []));
      const schema = schemas.get(table.target);
      if (schema === undefined) continue;
      findings.push(...compareColumns(rowsFor(table), schema));
      fits.set(table.source, narrowed(fits.get(table.source) ?? table, schema));
      if (begun.has(table.source) || !mayDefer(table.source)) continue;
      const own = secondaryKeys(schema, referencing);
      const elsewhere = keys.get(table.source) ?? own;
      keys.set(
        table.source,
        own.filter((key) => elsewhere.some((other) => other.definition === key.definition)),
      );
    }
  }
  for (const [table, those] of keys) if (those.length === 0) keys.delete(table);
  reportFindings(onceEach(findings), emit);
  refuseLargeRows(state, statementLimit);
  const ledger = await prepareLedger(target, state, fits, begun.size > 0);
  return { tables: fits, statementLimit, keys, ledger };
}

/** What one shard says: of itself, of each table, and the tables as its server knows them. */
interface ShardLook {
  readonly server: readonly Finding[];
  readonly limit: number;
  readonly tables: readonly (readonly Finding[])[];
  readonly schemas: ReadonlyMap<string, TableSchema>;
}

interface LookOrder {
  readonly tables: readonly ManifestTable[];
  /** Source tables that need not be empty. */
  readonly begun: ReadonlySet<string>;
  mayDefer(table: string): boolean;
}

/** Thousands of tables take thousands of questions a shard, one after the other; shards answer for themselves. */
const shardsAtOnce = 8;

/** In the order of shards. */
async function lookAtShards(target: TargetSide, order: LookOrder): Promise<readonly ShardLook[]> {
  const { shards } = target.topology;
  const looks: ShardLook[] = [];
  for (let at = 0; at < shards.length; at += shardsAtOnce) {
    const some = shards.slice(at, at + shardsAtOnce);
    looks.push(...(await Promise.all(some.map(({ name }) => lookAtShard(target, name, order)))));
  }
  return looks;
}

async function lookAtShard(
  target: TargetSide,
  shard: string,
  { tables, begun, mayDefer }: LookOrder,
): Promise<ShardLook> {
  const where = `shard ${target.topology.keyspace}/${shard}`;
  await using session = await onShard(target, shard);
  const server = await checkServer(session, where);
  const limit = await readStatementLimit(session, true);
  const byName = new Map(tables.map((table) => [table.target, table]));
  const schemas = await schemasOn(target, shard, tables, (schema) => {
    const table = byName.get(schema.name);
    return table !== undefined && (mayDefer(table.source) || extraColumns(rowsFor(table), schema).length > 0);
  });
  const orders = tables.map((table) => ({ table: rowsFor(table), resuming: begun.has(table.source) }));
  return { server, limit, tables: await checkTargetTables(session, orders, where), schemas };
}

const rowsFor = ({ target, columns, key }: ManifestTable): LoadTable => ({ name: target, columns, key });

/** What verification goes by; refuses a target on which a table is missing. Changes nothing. */
export async function fitForVerify(target: TargetSide, { manifest }: RunState, emit: EventSink): Promise<TargetFit> {
  const tables = new Map(manifest.tables.map((table) => [table.source, table]));
  const findings: Finding[] = [];
  for (const { name } of target.topology.shards) {
    const where = `shard ${target.topology.keyspace}/${name}`;
    const schemas = await schemasOn(target, name, manifest.tables);
    for (const table of manifest.tables) {
      const schema = schemas.get(table.target);
      if (schema === undefined) findings.push(missingTable(table.target, where));
      else tables.set(table.source, narrowed(tables.get(table.source) ?? table, schema));
    }
  }
  reportFindings(findings, emit);
  return { tables, statementLimit: Number.POSITIVE_INFINITY, keys: new Map(), ledger: false };
}

function missingTable(table: string, where: string): Finding {
  const text = `Table ${table} is not on ${where}.`;
  return { severity: "refusal", code: "target-table-missing", text, todo: "Load the run directory first.", table };
}

/** The tables as a shard's own mysqld knows them, whose database vtgate gives another name to. */
export async function schemasOn(
  { address, topology }: Pick<TargetSide, "address" | "topology">,
  shard: string,
  tables: readonly Pick<ManifestTable, "target">[],
  needsDefinition?: NeedsDefinition,
): Promise<ReadonlyMap<string, TableSchema>> {
  await using session = await openReadSession(address, topology.keyspace, shard);
  const [row] = await session.query(
    "SELECT SCHEMA_NAME AS name FROM information_schema.schemata WHERE schema_name = DATABASE()",
  );
  const names = tables.map(({ target }) => target);
  const schemas = await inspectTables(session, row?.["name"] ?? "", names, needsDefinition);
  return new Map(schemas.map((schema) => [schema.name, schema]));
}

/** Tables of which something was sent to this target from this directory; they need not be empty. */
function begunTables({ journal, manifest }: RunState, { id }: TargetSide): ReadonlySet<string> {
  const begun = manifest.chunks.filter(({ chunk }) => journal.loadState(id, chunk) !== "not loaded");
  return new Set(begun.map(({ table }) => table));
}

/** Ranges cut by source keys select the same rows only where the target orders its columns the same way. */
function narrowed(table: ManifestTable, schema: TableSchema): ManifestTable {
  const key = keyOnTarget(table.key, schema);
  const sameOrder = table.rangeColumns.every((name) => {
    const ours = table.columns.find((column) => column.name === name);
    const theirs = schema.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    return ours !== undefined && theirs !== undefined && ordersAlike(ours, theirs);
  });
  return sameOrder ? { ...table, key } : { ...table, key, rangesHold: false, rangeColumns: [] };
}

function ordersAlike(a: Column, b: Column): boolean {
  return a.kind === b.kind && a.collation === b.collation && (a.kind !== "enum" || a.type === b.type);
}

/** What is the same on every shard is said once. */
function onceEach(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [finding.text, finding])).values()];
}

/** Rows already in files that no statement can hold are named before anything is sent. */
function refuseLargeRows(state: RunState, limit: number): void {
  for (const { table, chunk, largeRow } of state.manifest.chunks) {
    if (largeRow !== null && largeRow.statementBytes > limit) throw tooLarge(table, chunk, largeRow, limit);
  }
}

/** The error for a row that is too large for the target, found in its chunk file. */
export function tooLarge(
  table: string,
  chunk: string,
  row: { readonly row: string; readonly statementBytes: number },
  limit: number,
): VtpipeError {
  return new VtpipeError({
    code: "target",
    message: `Row ${row.row} of table ${table} takes a statement of ${row.statementBytes} bytes; the target takes ${limit} at most (gRPC messages of 16 MiB, max_allowed_packet).`,
    now: `No row of table ${table} was sent to the target.`,
    todo: "Leave the row out with a where, shorten it with a transform, or raise --grpc-max-message-size of vtgate and vttablet and max_allowed_packet of the shards.",
    context: { table, chunk, row: row.row },
  });
}
