import type { RowChange, RowRef } from "./changes.ts";

/**
 * What the changes of one table come to, in one transaction of the target: rows that go, then rows that come. Because
 * all that go go first, unique values may wander between rows meanwhile.
 */
export interface NetChange {
  readonly table: string;
  readonly idempotent: boolean;
  /** Rows by whose key, or as a whole without a key, something is deleted. Strict: each is there once for each time it is listed. */
  readonly gone: readonly RowRef[];
  readonly come: readonly RowRef[];
}

/** What netting needs to know of a table. */
export interface NetTable {
  readonly keyed: boolean;
  /** Equal for rows of one key; without a key for equal rows. */
  keyOf(row: RowRef): string;
}

/** Nets changes in their order; tables come in the order they first appear. */
export function netChanges(changes: readonly RowChange[], tableOf: (name: string) => NetTable): NetChange[] {
  const runs: RowChange[][] = [];
  // A table is exact from some transaction on; what comes before and after that is done apart.
  const open = new Map<string, RowChange[]>();
  for (const change of changes) {
    let run = open.get(change.table);
    if (run === undefined || run[0]?.idempotent !== change.idempotent) {
      run = [];
      runs.push(run);
      open.set(change.table, run);
    }
    run.push(change);
  }
  return runs.flatMap((run) => {
    const { table, idempotent } = run[0] as RowChange;
    const { keyed, keyOf } = tableOf(table);
    const net = keyed ? netByKey(run, keyOf, idempotent) : netByRow(run, keyOf);
    return net.gone.length + net.come.length === 0 ? [] : [{ table, idempotent, ...net }];
  });
}

interface Fate {
  /** The row as it was before all changes; null: there was none. */
  readonly was: RowRef | null;
  is: RowRef | null;
  /** What cannot be when source and target are alike, say two rows that a transform gave one key: the target will name them. */
  readonly goneAgain: RowRef[];
  readonly comeAgain: RowRef[];
}

const fateOf = (was: RowRef | null, is: RowRef | null): Fate => ({ was, is, goneAgain: [], comeAgain: [] });

function netByKey(
  changes: readonly RowChange[],
  keyOf: (row: RowRef) => string,
  idempotent: boolean,
): Pick<NetChange, "gone" | "come"> {
  const fates = new Map<string, Fate>();
  for (const { before, after } of changes) {
    if (before !== null) {
      const key = keyOf(before);
      const fate = fates.get(key);
      if (fate === undefined) fates.set(key, fateOf(before, null));
      else if (fate.is !== null) fate.is = null;
      else fate.goneAgain.push(before);
    }
    if (after !== null) {
      const key = keyOf(after);
      const fate = fates.get(key);
      if (fate === undefined) fates.set(key, fateOf(null, after));
      else if (fate.is === null) fate.is = after;
      else fate.comeAgain.push(after);
    }
  }
  const gone: RowRef[] = [];
  const come: RowRef[] = [];
  for (const { was, is, goneAgain, comeAgain } of fates.values()) {
    if (was !== null) gone.push(was);
    if (is !== null) come.push(is);
    if (idempotent) continue;
    gone.push(...goneAgain);
    come.push(...comeAgain);
  }
  return { gone, come };
}

/** Rows are their own names: what came and went again was never there. */
function netByRow(changes: readonly RowChange[], keyOf: (row: RowRef) => string): Pick<NetChange, "gone" | "come"> {
  const counts = new Map<string, { readonly row: RowRef; count: number }>();
  const add = (row: RowRef | null, more: number): void => {
    if (row === null) return;
    const key = keyOf(row);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { row, count: more });
    else known.count += more;
  };
  for (const { before, after } of changes) {
    add(before, -1);
    add(after, 1);
  }
  const times = (sign: number): RowRef[] =>
    [...counts.values()].flatMap(({ row, count }) => Array.from({ length: Math.max(0, sign * count) }, () => row));
  return { gone: times(-1), come: times(1) };
}
