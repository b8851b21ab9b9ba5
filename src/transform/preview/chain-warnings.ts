import type { PreviewWarning } from "../../contracts/preview.ts";
import type { TableSchema } from "../../contracts/schema.ts";
import type { ChainPlan } from "../plan-chain.ts";
import type { RowPair } from "./row-pairs.ts";
import type { UniqueKey } from "./unique-keys.ts";

/** What a table's chain warns of by itself, without a row: `sharding` are the target's sharding columns. */
export function chainWarnings(
  table: TableSchema,
  chain: ChainPlan,
  keys: readonly UniqueKey[],
  sharding: readonly string[],
): PreviewWarning[] {
  const warnings: PreviewWarning[] = chain.warnings.map((text) => ({ code: "transform", column: null, text }));
  warnings.push(...collisionsInKeys(chain, keys));
  for (const name of table.primaryKey) {
    const steps = chain.treatments.get(name)?.steps;
    if (steps === undefined) continue;
    const text = `"${name}" belongs to the primary key and is changed by ${steps.join(", ")}: rows of the target have other keys than those of the source, and chunks are not compared by key ranges.`;
    warnings.push({ code: "key-changed", column: nameAfter(chain, name), text });
  }
  for (const column of sharding) {
    const fate = chain.tableColumns.find((candidate) => sameName(candidate.column.name, column));
    if (fate?.written !== true || fate.from === null) continue;
    const steps = chain.treatments.get(fate.from)?.steps ?? [];
    const text = `"${column}" decides the shard and is changed by ${steps.join(", ")}: rows live on the shards of their new values, and an application that looks for the old ones does not find them.`;
    warnings.push({ code: "sharding-column-changed", column, text });
  }
  for (const { path, why } of chain.varying) {
    const text = `${path} says that it may make other bytes of the same row another time: ${why} A run that goes on would mix them.`;
    warnings.push({ code: "not-deterministic", column: null, text });
  }
  return warnings;
}

/** Columns of unique keys in which steps say that different values may become equal. */
export function collisionsInKeys(chain: ChainPlan, keys: readonly UniqueKey[]): PreviewWarning[] {
  const unique = new Set(keys.flatMap(({ parts }) => parts.map(({ column }) => column.toLowerCase())));
  return chain.collisions
    .filter(({ column }) => unique.has(column.toLowerCase()))
    .map(({ column, text }) => ({ code: "uniqueness-at-risk", column, text }));
}

/** Columns, and rows as a whole, that came out different when a chain was run again over the same rows. */
export function varyingWarnings(pairs: readonly RowPair[], keyOf: (pair: RowPair) => string): PreviewWarning[] {
  const found = new Map<string | null, { rows: number; key: string }>();
  for (const pair of pairs) {
    for (const column of pair.varying) {
      const known = found.get(column);
      if (known === undefined) found.set(column, { rows: 1, key: keyOf(pair) });
      else known.rows += 1;
    }
  }
  return [...found].map(([column, { rows, key }]) => {
    const what = column === null ? "Whether a row stays" : `What becomes of "${column}"`;
    const text = `${what} differed when the chain was run again over the same rows, in ${rows} of ${pairs.length} (${key}). A run that goes on would mix rows of both kinds: let it depend on the row alone.`;
    return { code: "not-deterministic", column, text };
  });
}

/** Rows the chain fails on, which would stop a run. */
export function failureWarning(failures: number, rows: number, first: string): PreviewWarning {
  const text = `The chain fails on ${failures} of ${rows} rows, which would stop a run. The first: ${first}`;
  return { code: "row-fails", column: null, text };
}

function nameAfter(chain: ChainPlan, source: string): string | null {
  return chain.tableColumns.find(({ from }) => from === source)?.column.name ?? null;
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
