import type { KeyVerdict, PreviewWarning } from "../../contracts/preview.ts";
import type { Column } from "../../contracts/schema.ts";
import { keyCounter, keyPlaces } from "./key-counter.ts";
import { type BoundKey, bindKey, hashOfParts, partsOf } from "./key-parts.ts";
import type { Cells } from "./row-pairs.ts";
import { shownCell } from "./shown-cell.ts";
import type { UniqueKey } from "./unique-keys.ts";

/** For each text a hash that is equal exactly when a collation holds them equal; null when that is not known. */
export type Weigh = (collation: string, texts: readonly Uint8Array[]) => Promise<readonly Uint8Array[] | null>;

/** Counts rows after the chain that the target's unique keys would refuse. */
export interface KeyCheck {
  /** Rows after the chain, in this pass. */
  see(rows: readonly Cells[]): Promise<void>;
  /** Ends a pass. True: the same rows are needed once more, because memory did not hold all keys. */
  nextPass(): boolean;
  /** `exact`: were those all rows of the table, of which there are about `estimate`? */
  verdicts(exact: boolean): KeyVerdict[];
  warnings(exact: boolean, estimate: number): PreviewWarning[];
}

/** `columns` are those of the rows; `held` those of the target. */
export function keyCheck(
  keys: readonly UniqueKey[],
  columns: readonly Column[],
  held: readonly Column[],
  weigh: Weigh,
): KeyCheck {
  // A power of two for each, so that they share the places there are.
  const places = 2 ** Math.floor(Math.log2(keyPlaces / Math.max(1, keys.length)));
  const checks = keys.map((key) => {
    const bound = bindKey(key, columns, held);
    return { bound, counter: keyCounter(places), open: true, byBytes: false, example: null as string | null };
  });

  return {
    async see(rows) {
      for (const check of checks) {
        if (!check.open) continue;
        const hashed = rows.flatMap((cells) => {
          const parts = partsOf(check.bound, cells);
          return parts === null ? [] : [{ cells, parts: parts as Uint8Array[] }];
        });
        for (const [i, { collation }] of check.bound.parts.entries()) {
          if (collation === null || check.byBytes) continue;
          const weights = await weigh(
            collation,
            hashed.map(({ parts }) => parts[i] as Uint8Array),
          );
          if (weights === null) check.byBytes = true;
          else for (const [row, { parts }] of hashed.entries()) parts[i] = weights[row] as Uint8Array;
        }
        for (const { cells, parts } of hashed) {
          const { high, low } = hashOfParts(parts);
          if (check.counter.add(high, low)) check.example ??= exampleOf(check.bound, columns, cells);
        }
      }
    },
    nextPass() {
      for (const check of checks) check.open &&= check.counter.nextPass();
      return checks.some(({ open }) => open);
    },
    verdicts: (exact) =>
      checks.map(({ bound: { key }, counter }) => ({
        key: key.name,
        columns: key.parts.map(({ column }) => column),
        ...counter.totals(),
        exact,
      })),
    warnings: (exact, estimate) =>
      checks.flatMap(({ bound: { key }, counter, byBytes, example }): PreviewWarning[] => {
        const { keys: seen, duplicates } = counter.totals();
        if (duplicates === 0) return [];
        const names = key.parts.map(({ column }) => `"${column}"`).join(", ");
        const expected = expectedDuplicates(seen, duplicates, estimate);
        const extent = exact
          ? "all rows were compared"
          : `on the sample; of about ${estimate} rows some ${expected} may be; --full counts them`;
        const how = byBytes ? " They were compared by their bytes, as the source does not know the collation." : "";
        const text = `Unique key ${key.name} (${names}): ${duplicates} of ${seen} keys are equal to another one's after the chain (${extent}), for example ${example}. The target will refuse such rows: choose a transform that keeps values apart.${how}`;
        return [{ code: "uniqueness-at-risk", column: key.parts[0]?.column ?? null, text }];
      }),
  };
}

function exampleOf({ parts }: BoundKey, columns: readonly Column[], cells: Cells): string {
  return parts.map(({ at }) => shownCell(columns[at] as Column, cells[at] ?? null) ?? "NULL").join(", ");
}

/**
 * Pairs of equal keys grow with the square of the rows: what a sample of `seen` rows says of `rows`. Never less than was
 * seen, nor more than there are rows.
 */
export function expectedDuplicates(seen: number, duplicates: number, rows: number): number {
  const scale = Math.max(1, rows / Math.max(1, seen));
  return Math.round(Math.min(Math.max(rows - 1, duplicates), duplicates * scale * scale));
}
