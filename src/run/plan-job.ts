import { createHash } from "node:crypto";
import { type Config, ruleOf } from "../config/config.ts";
import { selectTables } from "../config/select-tables.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { Column, Key, TableSchema, Unmoved } from "../contracts/schema.ts";
import type { Inspection } from "../source/inspect.ts";
import { tableFolder } from "../store/chunk-paths.ts";
import { type ChainPlan, whereabouts } from "../transform/plan-chain.ts";
import { collisionsInKeys } from "../transform/preview/chain-warnings.ts";
import { uniqueKeysOf } from "../transform/preview/unique-keys.ts";
import type { Registry } from "../transform/registry.ts";
import { targetDdl } from "../transform/target-ddl.ts";
import { tableChain } from "./table-chain.ts";
import type { WorkerSource } from "./worker-task.ts";

/** One table that moves: what is read, what becomes of it, what it is called where. */
export interface PlannedTable {
  /** Place in the run directory, from 1. */
  readonly number: number;
  readonly manifest: ManifestTable;
  readonly source: WorkerSource;
  readonly chain: ChainPlan;
}

/** Everything that is decided before the first row is read. */
export interface JobPlan {
  readonly database: string;
  /** Equal for two runs exactly when their rows may be mixed. */
  readonly fingerprint: string;
  readonly tables: readonly PlannedTable[];
  readonly unmoved: readonly Unmoved[];
  readonly warnings: readonly { readonly table: string; readonly text: string }[];
}

/** Pure: the config and what the source holds, made into a plan. Throws `config` errors that name table and column. */
export function planJob(config: Config, database: string, inspection: Inspection, registry: Registry): JobPlan {
  const byName = new Map(inspection.tables.map((table) => [table.name, table]));
  const selected = selectTables(config.tables, [...byName.keys()]);
  // Foreign keys are told by the target's DDL, which knows whether they are kept.
  const unmoved: Unmoved[] = inspection.unmoved.filter(({ what }) => what !== "foreign key");
  const warnings: { table: string; text: string }[] = [];
  const tables = selected.map(({ source, target }, index): PlannedTable => {
    const planned = planTable(config, byName.get(source) as TableSchema, target, index + 1, registry);
    unmoved.push(...planned.unmoved);
    const { chain, manifest } = planned.table;
    const collisions = collisionsInKeys(chain, uniqueKeysOf(manifest.createStatement)).map(({ text }) => text);
    warnings.push(...[...chain.warnings, ...collisions].map((text) => ({ table: source, text })));
    return planned.table;
  });
  const moving = new Set(selected.map(({ source }) => source));
  for (const name of byName.keys()) {
    if (!moving.has(name)) unmoved.push({ what: "table", name, why: "left out by tables.include or tables.exclude" });
  }
  return { database, fingerprint: planFingerprint(database, tables), tables, unmoved, warnings };
}

/** The columns whose cells are read: what can be inserted, and generated ones the chunk key needs. */
export function readableColumns(table: TableSchema): readonly Column[] {
  return table.columns.filter(({ generated, name }) => generated === null || table.chunkKey?.columns.includes(name));
}

function planTable(
  config: Config,
  table: TableSchema,
  target: string,
  number: number,
  registry: Registry,
): { table: PlannedTable; unmoved: readonly Unmoved[] } {
  const rule = ruleOf(config.tables, table.name);
  const columns = readableColumns(table);
  const source: WorkerSource = { table, columns, where: rule.where, steps: rule.transforms };
  const chain = tableChain(source, registry);
  const key = targetKey(table, chain);
  const range = rangeColumns(table, chain);
  const ddl = targetDdl(table, chain, target, config.schema);
  const manifest: ManifestTable = {
    source: table.name,
    target,
    folder: tableFolder(number, table.name),
    columns: chain.columns,
    key,
    rangesHold: range !== null,
    rangeColumns: range ?? [],
    class: chain.class,
    fingerprint: sha256([chain.fingerprint, rule.where ?? ""]),
    createStatement: ddl.sql,
  };
  return { table: { number, manifest, source, chain }, unmoved: ddl.unmoved };
}

/**
 * The key target rows are found by: the first of the source's unique keys that survives the chain with its values.
 * A primary key of which a column was dropped is refused; without one, rows could no longer be told apart.
 */
function targetKey(table: TableSchema, chain: ChainPlan): Key | null {
  const survivors = table.uniqueKeys.flatMap((key) => {
    const names = key.columns.map((name) => (isExact(table, name) ? carried(chain, name)?.name : undefined));
    return names.every((name) => name !== undefined) ? [{ index: key.index, columns: names }] : [];
  });
  const lost = table.primaryKey.filter((name) => whereabouts(chain, name) === null);
  if (lost.length > 0) {
    throw new VtpipeError({
      code: "config",
      message: `The transforms of table ${table.name} drop ${lost.join(", ")}, part of its primary key.`,
      now: "Nothing was read or changed.",
      todo: `Keep ${lost.join(", ")} in tables.rules.${table.name}.transforms, or replace its values by another transform.`,
      context: { table: table.name, column: lost.join(", ") },
    });
  }
  return survivors.find((key) => key.index === "PRIMARY") ?? survivors[0] ?? null;
}

/** A FLOAT's text makes the FLOAT again, but does not compare equal to it, so rows cannot be looked up by it. */
function isExact(table: TableSchema, name: string): boolean {
  return table.columns.find((column) => column.name === name)?.kind !== "float";
}

/** Target names of the chunk key's columns, if the rows carry all of them with the values chunks were cut by. */
function rangeColumns(table: TableSchema, chain: ChainPlan): readonly string[] | null {
  if (table.chunkKey === null) return null;
  const places = table.chunkKey.columns.map((name) => carried(chain, name));
  return places.every((place) => place?.untouched) ? places.map((place) => place?.name ?? "") : null;
}

/** Where a source column is in the rows after the chain; null when they do not carry it. */
function carried(chain: ChainPlan, source: string): { name: string; untouched: boolean } | null {
  const place = whereabouts(chain, source);
  return place !== null && chain.columns.some(({ name }) => name === place.name) ? place : null;
}

function planFingerprint(database: string, tables: readonly PlannedTable[]): string {
  return sha256([
    database,
    ...tables.flatMap(({ manifest }) => [manifest.source, manifest.target, manifest.fingerprint]),
  ]);
}

function sha256(parts: readonly string[]): string {
  // JSON keeps the parts apart whatever they contain.
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
