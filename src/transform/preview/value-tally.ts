import type { PreviewWarning } from "../../contracts/preview.ts";
import type { Column } from "../../contracts/schema.ts";
import type { ChainPlan } from "../plan-chain.ts";
import { chainLoss, type Misfit, misfit } from "./cell-fit.ts";
import type { Cells } from "./row-pairs.ts";
import { shownCell } from "./shown-cell.ts";

/** Looks at rows after the chain and keeps count of what does not fit. */
export interface ValueTally {
  /** One row before and after. `key` names it in an example; empty without a key. */
  see(before: Cells, after: Cells, key: () => string): void;
  warnings(): PreviewWarning[];
}

interface Watched {
  readonly name: string;
  readonly at: number;
  readonly column: Column;
  /** What the target has in its place. */
  readonly held: Column;
  /** The source's column with its place, when a step gave it another type. */
  readonly origin: { readonly at: number; readonly column: Column } | null;
}

/**
 * `held` are the target's columns: of the live table, or of the output schema. Columns that go as they are into one of their
 * own type are not looked at.
 */
export function valueTally(
  chain: ChainPlan,
  carried: readonly Column[],
  held: readonly Column[],
  heldAgainst: "target" | "output schema",
): ValueTally {
  const watched = watchedColumns(chain, carried, held);
  const found = new Map<string, { misfit: Misfit; name: string; rows: number; example: string; inChain: boolean }>();
  let rows = 0;

  const count = (problem: Misfit, watch: Watched, inChain: boolean, example: () => string): void => {
    const id = `${watch.at} ${problem.what}`;
    const known = found.get(id);
    if (known === undefined) found.set(id, { misfit: problem, name: watch.name, rows: 1, example: example(), inChain });
    else known.rows += 1;
  };
  const example = (column: Column, value: Uint8Array | null, key: () => string) => (): string => {
    const row = key();
    return `${shownCell(column, value) ?? "NULL"}${row === "" ? "" : ` (${row})`}`;
  };

  return {
    see(before, after, key) {
      rows += 1;
      for (const watch of watched) {
        const value = after[watch.at] ?? null;
        const problem = misfit(watch.held, value);
        if (problem !== null) count(problem, watch, false, example(watch.column, value, key));
        if (watch.origin === null) continue;
        const was = before[watch.origin.at] ?? null;
        const loss = chainLoss(watch.origin.column, watch.column, was);
        if (loss !== null) count(loss, watch, true, example(watch.origin.column, was, key));
      }
    },
    warnings: () =>
      [...found.values()].map(({ misfit: { code, what }, name, rows: hit, example: shown, inChain }) => {
        const where = inChain ? "at the source" : heldAgainst === "target" ? "for the target" : "for the output schema";
        const todo = inChain
          ? "Give the column a type that holds them, if that is not what the step is for."
          : "Change the chain, or give the target's column a type that holds them.";
        const text = `In ${hit} of ${rows} rows the values of "${name}" ${what} (${where}), for example ${shown}. ${todo}`;
        return { code, column: name, text };
      }),
  };
}

function watchedColumns(chain: ChainPlan, carried: readonly Column[], held: readonly Column[]): Watched[] {
  const fates = new Map(chain.tableColumns.map((fate) => [fate.column.name, fate]));
  return chain.columns.flatMap((column, at): Watched[] => {
    const there = held.find(({ name }) => name.toLowerCase() === column.name.toLowerCase());
    if (there === undefined || there.generated !== null) return [];
    const fate = fates.get(column.name);
    const from = carried.findIndex(({ name }) => name === fate?.from);
    const origin = carried[from];
    const written = chain.sources[at] === null;
    if (!written && origin !== undefined && alike(origin, there)) return [];
    const retyped = written && origin !== undefined && fate?.retyped === true;
    return [{ name: column.name, at, column, held: there, origin: retyped ? { at: from, column: origin } : null }];
  });
}

function alike(a: Column, b: Column): boolean {
  return a.type === b.type && a.charset === b.charset && (b.nullable || !a.nullable);
}
