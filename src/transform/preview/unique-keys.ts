import type { Column } from "../../contracts/schema.ts";
import { firstGroup, isWord, nameIn, parseCreateTable, type Token } from "../ddl-tokens.ts";
import type { ChainPlan } from "../plan-chain.ts";

/** A unique key as CREATE TABLE has it; its columns may be NULL, unlike those of a `Key`. */
export interface UniqueKey {
  /** `PRIMARY` for the primary key. */
  readonly name: string;
  readonly parts: readonly {
    readonly column: string /** Characters or bytes that count; null: all. */;
    readonly prefix: number | null;
  }[];
}

/** The unique keys in a SHOW CREATE TABLE text. Keys over expressions are left out: nothing here can compute them. */
export function uniqueKeysOf(createStatement: string): UniqueKey[] {
  if (createStatement === "") return [];
  return parseCreateTable(createStatement).items.flatMap((item): UniqueKey[] => {
    const primary = isWord(item[0], "PRIMARY");
    if (!primary && !isWord(item[0], "UNIQUE")) return [];
    const group = firstGroup(item);
    if (group === null) return [];
    const parts = partsOf(item.slice(group.open + 1, group.close));
    const name = item.slice(0, group.open).find(({ kind }) => kind === "name");
    return parts === null ? [] : [{ name: name === undefined ? "PRIMARY" : nameIn(name), parts }];
  });
}

function partsOf(tokens: readonly Token[]): UniqueKey["parts"] | null {
  const parts: { column: string; prefix: number | null }[] = [];
  for (const [i, token] of tokens.entries()) {
    const starts = i === 0 || tokens[i - 1]?.text === ",";
    if (!starts) continue;
    if (token.kind !== "name") return null;
    const prefix = tokens[i + 1]?.text === "(" ? Number(tokens[i + 2]?.text) : null;
    parts.push({ column: nameIn(token), prefix });
  }
  return parts;
}

/**
 * The unique keys of the target that the source does not already vouch for: those with a column that a step writes or adds,
 * and those that are stricter than every unique key of the source, by their columns or by a column's collation.
 */
export function keysAtRisk(
  chain: ChainPlan,
  sourceKeys: readonly UniqueKey[],
  target: { readonly columns: readonly Column[]; readonly keys: readonly UniqueKey[] },
): UniqueKey[] {
  return target.keys.filter(({ parts }) => {
    const origins = parts.map(({ column, prefix }) => originOf(chain, target.columns, column, prefix));
    if (origins.some((origin) => origin === "elsewhere")) return false;
    const untouched = new Set(origins.filter((origin) => origin !== null));
    return !sourceKeys.some((key) =>
      key.parts.every(({ column, prefix }) => prefix === null && untouched.has(column.toLowerCase())),
    );
  });
}

/**
 * The source column, in lower case, whose values a key part has in whole and compares as the source does; null when there is
 * none, "elsewhere" when rows do not carry the column at all.
 */
function originOf(chain: ChainPlan, columns: readonly Column[], name: string, prefix: number | null): string | null {
  const same = (column: Column): boolean => column.name.toLowerCase() === name.toLowerCase();
  const at = chain.columns.findIndex(same);
  if (at === -1) return "elsewhere";
  const source = chain.sources[at] ?? null;
  const before = source === null ? undefined : chain.inputs[source];
  if (before === undefined || prefix !== null) return null;
  const after = columns.find(same);
  return after === undefined || after.collation === before.collation ? before.name.toLowerCase() : null;
}
