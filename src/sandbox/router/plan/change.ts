import type { Keyspace } from "../keyspace.ts";
import { refusal } from "../refusal.ts";
import { itemsOf } from "../sql/items.ts";
import { stripKeyspace } from "../sql/qualifier.ts";
import { isOperator, isWord, nameOf, type Token } from "../sql/tokens.ts";
import { clausesOf, refuseForeign, singleTable } from "./clauses.ts";
import type { Plan } from "./plan.ts";
import { shardsOf } from "./select.ts";
import { refuseOwnedVindexes, type Sharding, shardingOf, shardNames } from "./sharding.ts";

const modifiers = ["LOW_PRIORITY", "QUICK", "IGNORE"];

/** Single-table UPDATE and DELETE without LIMIT, on the shards the WHERE clause leaves. */
export function planChange(text: string, tokens: readonly Token[], keyspace: Keyspace): Plan {
  const remove = isWord(tokens[0], "DELETE");
  let from = 1;
  while (isWord(tokens[from], ...modifiers)) from++;
  if (remove) {
    if (!isWord(tokens[from], "FROM")) throw refusal("a multi-table DELETE");
    from++;
  }
  refuseForeign(tokens, from);
  const clauses = clausesOf(tokens, from, ["SET", "USING", "WHERE", "ORDER", "LIMIT"]);
  for (const clause of ["USING", "ORDER", "LIMIT"]) {
    if (clauses.has(clause)) throw refusal(`${tokens[0]?.value ?? ""} with ${clause} over shards`);
  }
  const table = singleTable(text, clauses.get("") ?? [], keyspace.name);
  const sharding = shardingOf(keyspace, table);
  refuseOwnedVindexes(keyspace, table);
  if (!remove) refuseMoving(text, clauses.get("SET") ?? [], sharding);
  const sql = stripKeyspace(text, tokens, keyspace.name);
  const shards = shardsOf(text, clauses.get("WHERE") ?? [], sharding) ?? shardNames(keyspace);
  const [only] = shards;
  if (shards.length === 1 && only !== undefined) return { kind: "shard", shard: only, sql, writes: true };
  return { kind: "write", statements: new Map(shards.map((shard) => [shard, sql])) };
}

/** A changed sharding column would leave the row on the wrong shard. */
function refuseMoving(text: string, set: readonly Token[], sharding: Sharding): void {
  for (const item of itemsOf(set)) {
    const equals = item.findIndex((token) => isOperator(token, "="));
    const name = item[equals - 1];
    if (name === undefined || nameOf(text, name)?.toLowerCase() === sharding.column) {
      throw refusal(`changing the sharding column "${sharding.column}"`);
    }
  }
}
