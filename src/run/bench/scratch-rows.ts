import { VtpipeError } from "../../contracts/errors.ts";
import type { ManifestTable } from "../../contracts/manifest.ts";
import type { Column } from "../../contracts/schema.ts";
import { planRouting, type RoutingPlan } from "../../load/routing.ts";
import type { LoadTable } from "../../load/table.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Topology } from "../../vitess/topology.ts";
import { vindexFunction } from "../../vitess/vindexes/vindex-function.ts";
import type { VschemaTable } from "../../vitess/vschema.ts";
import { rowsOf } from "../run-state.ts";
import type { FinishedDump } from "./finished-dump.ts";
import { shapeOf } from "./shape-of.ts";
import type { RowsOrder } from "./target-task.ts";

/** The rows of a bench of the target and the table they fit. */
export interface ScratchRows {
  readonly table: LoadTable;
  /** Make the table. */
  readonly sql: readonly string[];
  readonly from: RowsOrder["from"];
  /** The table of the target whose rows they are; null: generated. */
  readonly like: string | null;
  /** For people. */
  readonly what: string;
}

const seed = "vtpipe bench";

/** Generated rows, the table with its secondary keys, as a load would find it. */
export function generatedScratch(name: string, shapeName: string): ScratchRows {
  const shape = shapeOf(shapeName);
  const keys = shape.secondaryKeys.map((key) => `ADD ${key}`).join(", ");
  return {
    table: { name, columns: shape.columns, key: { index: "PRIMARY", columns: ["id"] } },
    sql: [shape.createTable(name), ...(keys === "" ? [] : [`ALTER TABLE ${quoteName(name)} ${keys}`])],
    from: { kind: "generated", shape: shape.name, seed },
    like: null,
    what: `generated rows: ${shape.name}, ${shape.description}`,
  };
}

/** Rows of the table `wanted`, by its name at the source, or of the most typical one that has a key. */
export function dumpedScratch(name: string, dump: FinishedDump, wanted: string | null): ScratchRows {
  const manifest = chosenTable(dump, wanted);
  const chunks = dump.chunks.get(manifest.source) ?? [];
  const { columns, key, source, target } = manifest;
  return {
    table: { name, columns, key },
    sql: [createdAs(name, manifest)],
    from: { kind: "files", manifest, chunks },
    like: target,
    what: `rows of table ${source} in ${dump.directory.path}`,
  };
}

/** The table's own CREATE TABLE under another name. The statement comes from a file, so that it is no other is looked at. */
function createdAs(name: string, { source, createStatement }: ManifestTable): string {
  const head = /^CREATE TABLE `(?:[^`]|``)+` \(\n/;
  if (head.test(createStatement)) return createStatement.replace(head, () => `CREATE TABLE ${quoteName(name)} (\n`);
  throw new VtpipeError({
    code: "files",
    message: `What the manifest has as the definition of table ${source} is no CREATE TABLE.`,
    now: "Nothing was measured or changed.",
    todo: "Use a run directory as vtpipe wrote it.",
    context: { table: source },
  });
}

function chosenTable({ manifest, chunks, directory }: FinishedDump, wanted: string | null): ManifestTable {
  const sizes = manifest.tables.map((table) => {
    const own = chunks.get(table.source) ?? [];
    return { table, rows: rowsOf(own), bytes: own.reduce((sum, { bytesRaw }) => sum + bytesRaw, 0) };
  });
  // Keyless rows are loaded with a ledger beside them, which the scratch table would need too.
  const fit = sizes.filter(({ table, rows }) => table.key !== null && rows > 0);
  const found = wanted === null ? typicalOf(fit) : fit.find(({ table }) => table.source === wanted);
  if (found != null) return found.table;
  const names = fit.map(({ table }) => table.source).join(", ");
  throw new VtpipeError({
    code: "usage",
    message:
      wanted === null
        ? `No table in ${directory.path} has both a key and rows.`
        : `Table "${wanted}" is not among those in ${directory.path} that have a key and rows.`,
    now: "Nothing was measured or changed.",
    todo: names === "" ? "Give another directory, or leave --from out for generated rows." : `They are: ${names}.`,
  });
}

/** Tables with fewer of all rows than this say little about a load. */
const substantial = 0.1;

/**
 * The table that stands best for all: of those with a tenth of the rows the one whose rows are nearest to the average size, as
 * rows a second are told of all tables together. Pure; null for no tables.
 */
export function typicalOf<T extends { readonly rows: number; readonly bytes: number }>(tables: readonly T[]): T | null {
  const sum = (of: (table: T) => number): number => tables.reduce((all, table) => all + of(table), 0);
  const average = sum(({ bytes }) => bytes) / sum(({ rows }) => rows);
  const large = tables.filter(({ rows }) => rows >= sum((table) => table.rows) * substantial);
  const candidates = large.length > 0 ? large : tables;
  const distance = ({ rows, bytes }: T): number => Math.abs(Math.log(bytes / rows / average));
  return candidates.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

/**
 * How rows are placed without vtgate: as the table they are of is, where that is known and computed here; else by xxhash of
 * the key. Where they belong matters to nobody: the table is in no vschema.
 */
export function scratchRouting(
  { table, like }: ScratchRows,
  vschema: VschemaTable | null,
  topology: Topology,
): RoutingPlan {
  if (vschema !== null && like !== null) {
    const plan = planRouting(vschema, table.columns, topology);
    if (plan.kind !== "routed") return plan;
  }
  if (topology.shards.length === 1) return { kind: "one", why: `${topology.keyspace} has one shard` };
  const cell = placing(table);
  const column = table.columns[cell] as Column;
  return { kind: "vindex", cell, type: placedBy, why: `${placedBy} of ${column.name} computed here` };
}

const placedBy = "xxhash";

function placing({ columns, key }: LoadTable): number {
  const names = [...(key?.columns ?? []), ...columns.filter(({ nullable }) => !nullable).map(({ name }) => name)];
  const cells = names.map((name) => columns.findIndex((column) => column.name === name));
  const fit = cells.find((cell) => cell >= 0 && vindexFunction(placedBy, columns[cell] as Column) !== null);
  if (fit !== undefined) return fit;
  throw new VtpipeError({
    code: "usage",
    message: "No column of the table can decide a row's shard without vtgate.",
    now: "Nothing was changed.",
    todo: "Choose another table with --table, or leave --from out for generated rows.",
  });
}
