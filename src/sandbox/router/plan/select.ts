import type { Keyspace } from "../keyspace.ts";
import { refusal } from "../refusal.ts";
import { itemsOf } from "../sql/items.ts";
import { stripKeyspace } from "../sql/qualifier.ts";
import { isOperator, isWord, type Token } from "../sql/tokens.ts";
import { answerVitessFunctions, type SessionFacts } from "../sql/vitess-functions.ts";
import type { Aggregate } from "./aggregates.ts";
import { clausesOf, refuseForeign, singleTable } from "./clauses.ts";
import { fixedValues } from "./narrow.ts";
import type { Plan } from "./plan.ts";
import { firstShard, knownTable, type Sharding, shardingOf, shardNames } from "./sharding.ts";
import { planVindexSelect } from "./vindex-select.ts";

const cuts = ["FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "FOR", "LOCK"];

/** Functions whose value depends on more than one row; any of them outside the merged forms refuses a scatter. */
const aggregates = new Set(
  "AVG BIT_AND BIT_OR BIT_XOR COUNT GROUP_CONCAT JSON_ARRAYAGG JSON_OBJECTAGG MAX MIN STD STDDEV STDDEV_POP STDDEV_SAMP SUM VAR_POP VAR_SAMP VARIANCE ANY_VALUE".split(
    " ",
  ),
);

export function planSelect(text: string, tokens: readonly Token[], keyspace: Keyspace, facts: SessionFacts): Plan {
  refuseForeign(tokens, 1);
  const clauses = clausesOf(tokens, 1, cuts);
  const list = clauses.get("") ?? [];
  const from = clauses.get("FROM");
  if (from === undefined || (from.length === 1 && isWord(from[0], "DUAL"))) {
    if (list.some((token) => isWord(token, "SLEEP", "GET_LOCK", "RELEASE_LOCK"))) throw refusal("a lock function");
    const sql = answerVitessFunctions(text, tokens, facts);
    return { kind: "shard", shard: firstShard(keyspace), sql, writes: false, anyShard: true };
  }
  const table = singleTable(text, from, keyspace.name);
  const where = clauses.get("WHERE") ?? [];
  if (keyspace.vschema.vindexes.has(table) && !keyspace.vschema.tables.has(table)) {
    return planVindexSelect(text, { list, where, others: clauses.size }, keyspace, table);
  }
  const sql = stripKeyspace(text, tokens, keyspace.name);
  const known = knownTable(keyspace, table);
  if (known.type === "reference") return { kind: "shard", shard: firstShard(keyspace), sql, writes: false };
  const shards = shardsOf(text, where, shardingOf(keyspace, table)) ?? shardNames(keyspace);
  const [only] = shards;
  if (shards.length === 1 && only !== undefined) return { kind: "shard", shard: only, sql, writes: clauses.has("FOR") };
  return planScatter(text, clauses, shards, sql);
}

/** The shards a WHERE clause leaves; null when it does not say. */
export function shardsOf(text: string, where: readonly Token[], sharding: Sharding): string[] | null {
  const values = fixedValues(text, where, sharding.column);
  if (values === null) return null;
  const shards = new Set<string>();
  for (const value of values) {
    const shard = sharding.shardOf(value);
    // A value without a keyspace id can still equal a row's column by MySQL's own conversions: ask everywhere.
    if (shard === null) return null;
    shards.add(shard);
  }
  return [...shards];
}

function planScatter(text: string, clauses: Map<string, Token[]>, shards: string[], sql: string): Plan {
  const refused: Readonly<Record<string, string>> = {
    GROUP: "GROUP BY over shards",
    HAVING: "HAVING over shards",
    ORDER: "ORDER BY over shards",
    FOR: "a locking read over shards",
    LOCK: "a locking read over shards",
  };
  for (const clause of clauses.keys()) {
    const name = refused[clause];
    if (name !== undefined) throw refusal(name);
  }
  const list = clauses.get("") ?? [];
  if (isWord(list[0], "DISTINCT", "DISTINCTROW")) throw refusal("DISTINCT over shards");
  const columns = mergesOf(text, list);
  const limit = limitOf(clauses.get("LIMIT"));
  if (columns === null) return { kind: "rows", shards, sql, limit };
  if (limit !== null) throw refusal("LIMIT on an aggregate over shards");
  return { kind: "aggregate", shards, sql, columns };
}

function limitOf(tokens: readonly Token[] | undefined): number | null {
  if (tokens === undefined) return null;
  const [count, more] = tokens;
  if (count?.kind !== "number" || more !== undefined) throw refusal("LIMIT with an offset over shards");
  return Number(count.value);
}

/** How to merge each column; null when no column is an aggregate. */
function mergesOf(text: string, list: readonly Token[]): Aggregate[] | null {
  const used = list.filter(
    (token, i) => token.kind === "word" && aggregates.has(token.value) && isOperator(list[i + 1], "("),
  );
  if (used.length === 0) return null;
  return itemsOf(list).map((item) => {
    const merge = mergeOf(item);
    if (merge !== null) return merge;
    const foreign = item.find((token) => token.kind === "word" && aggregates.has(token.value));
    // BIT_XOR and its like: vtgate's planner knows no merge for them either (engine/opcode, SupportedAggregates).
    if (foreign !== undefined) throw refusal(`aggregation function ${foreign.value} in this form over shards`);
    const [first, last] = [item[0], item.at(-1)];
    const shown =
      first === undefined || last === undefined ? "" : text.slice(first.start, Math.min(last.end, first.start + 40));
    throw refusal(`"${shown}" beside an aggregate over shards`);
  });
}

/** `COUNT(…)`, `SUM(…)`, `MIN(…)`, `MAX(…)`, or `COALESCE(SUM(…), 0)`, each with an optional alias. */
function mergeOf(item: readonly Token[]): Aggregate | null {
  const body = withoutAlias(item);
  if (isWord(body[0], "COALESCE", "IFNULL") && isOperator(body[1], "(") && isOperator(body.at(-1), ")")) {
    const [inner, zero, more] = itemsOf(body.slice(2, -1));
    if (inner === undefined || zero?.length !== 1 || zero[0]?.value !== "0" || more !== undefined) return null;
    return callOf(inner) === "SUM" ? "add" : null;
  }
  const name = callOf(body);
  if (name === "COUNT" || name === "SUM") return "add";
  return name === "MIN" ? "least" : name === "MAX" ? "greatest" : null;
}

function withoutAlias(item: readonly Token[]): readonly Token[] {
  const last = item.at(-1);
  if (last === undefined || isOperator(last, ")")) return item;
  return item.slice(0, isWord(item.at(-2), "AS") ? -2 : -1);
}

/** The function's name when the item is one call of it and nothing more. */
function callOf(item: readonly Token[]): string | null {
  const [name, open, first] = item;
  if (name?.kind !== "word" || !isOperator(open, "(") || isWord(first, "DISTINCT")) return null;
  let depth = 0;
  for (const [i, token] of item.entries()) {
    if (isOperator(token, "(")) depth++;
    if (isOperator(token, ")")) depth--;
    if (i > 1 && depth === 0 && i < item.length - 1) return null;
    if (i > 1 && token.kind === "word" && aggregates.has(token.value) && isOperator(item[i + 1], "(")) return null;
  }
  return isOperator(item.at(-1), ")") ? name.value : null;
}
