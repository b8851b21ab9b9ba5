import type { PreviewWarning } from "../../contracts/preview.ts";
import type { TableSchema } from "../../contracts/schema.ts";
import { type ChainPlan, whereabouts } from "../plan-chain.ts";
import type { Treatment } from "../treatment.ts";

/** One table that moves, with its chain. */
export interface ChainedTable {
  readonly table: TableSchema;
  readonly chain: ChainPlan;
}

/** A warning about a foreign key, and the tables at its two ends. */
export interface ForeignKeyWarning extends PreviewWarning {
  readonly child: string;
  readonly parent: string;
  /** The referenced column's name after the chain; null when it is dropped. */
  readonly parentColumn: string | null;
}

/**
 * Foreign keys whose values no longer match after the chains: their two ends are treated by different steps or parameters,
 * by steps that look at other columns as well, or the referenced column is dropped. Keys to tables that do not move are
 * not looked at.
 */
export function foreignKeyWarnings(tables: readonly ChainedTable[]): ForeignKeyWarning[] {
  const byName = new Map(tables.map((entry) => [entry.table.name, entry]));
  return tables.flatMap((child) =>
    child.table.foreignKeys.flatMap((key) => {
      const { referencedDatabase, referencedTable, referencedColumns } = key;
      const parent = referencedDatabase === child.table.database ? byName.get(referencedTable) : undefined;
      if (parent === undefined) return [];
      return key.columns.flatMap((column, at) => {
        const why = difference(child, column, parent, referencedColumns[at] ?? "");
        const kept = whereabouts(child.chain, column);
        if (why === null || kept === null) return [];
        const text = `Foreign key ${key.name} joins ${child.table.name}.${column} to ${referencedTable}.${referencedColumns[at]}, ${why}. Rows will not find each other: treat both columns alike.`;
        return [
          {
            code: "foreign-key-differs" as const,
            column: kept.name,
            text,
            child: child.table.name,
            parent: referencedTable,
            parentColumn: whereabouts(parent.chain, referencedColumns[at] ?? "")?.name ?? null,
          },
        ];
      });
    }),
  );
}

function difference(child: ChainedTable, column: string, parent: ChainedTable, referenced: string): string | null {
  if (whereabouts(child.chain, column) === null) return null;
  if (whereabouts(parent.chain, referenced) === null) return "which is dropped";
  const here = child.chain.treatments.get(column);
  const there = parent.chain.treatments.get(referenced);
  if (here === undefined && there === undefined) return null;
  if (here === undefined) return `and only the latter is changed, by ${stepsOf(there)}`;
  if (there === undefined) return `and only the former is changed, by ${stepsOf(here)}`;
  if (here.fingerprint !== there.fingerprint) {
    return `and they are changed differently, by ${stepsOf(here)} and by ${stepsOf(there)}`;
  }
  if (here.ofItself) return null;
  return `and what they become depends on other columns of their rows (${stepsOf(here)})`;
}

const stepsOf = (treatment: Treatment | undefined): string => treatment?.steps.join(", ") ?? "";
