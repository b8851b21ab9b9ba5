import { type Keyspace, shardOf } from "../keyspace.ts";
import { refusal, SqlError } from "../refusal.ts";
import { itemsOf } from "../sql/items.ts";
import { isOperator, isWord, nameOf, type Token } from "../sql/tokens.ts";
import { fixedValues } from "./narrow.ts";
import type { LocalRows } from "./plan.ts";
import { keyspaceIdFunction } from "./vindex.ts";

/** What vtgate can tell of a value (go/vt/vtgate/planbuilder/vindex_func.go, engine/vindex_func.go). */
const knownColumns = ["id", "keyspace_id", "range_start", "range_end", "hex_keyspace_id", "shard"];

interface Parts {
  readonly list: readonly Token[];
  readonly where: readonly Token[];
  /** How many clauses the statement has: list, FROM and WHERE are all there may be. */
  readonly others: number;
}

/** `SELECT id, hex_keyspace_id, shard FROM <vindex> WHERE id = 1` (or IN): where a vindex would put values. */
export function planVindexSelect(text: string, parts: Parts, keyspace: Keyspace, vindex: string): LocalRows {
  if (parts.others > 3) throw refusal("more than a WHERE clause on a vindex function");
  const columns = itemsOf(parts.list).map((item) => columnOf(text, item));
  const values = fixedValues(text, parts.where, "id");
  // A signed literal is an expression to vtgate, and no value.
  if (values === null || parts.where.some((token) => isOperator(token, "-"))) {
    const message = "VT09018: WHERE clause for vindex function must be of the form id = <val> or id in(<val>,...)";
    throw new SqlError(1105, "HY000", message);
  }
  const keyspaceId = keyspaceIdFunction(keyspace, vindex);
  const rows: (Uint8Array | string | null)[][] = [];
  for (const value of values) {
    const id = keyspaceId(value);
    if (id === null || id.length === 0) continue;
    const shard = shardOf(keyspace, id);
    const facts: Readonly<Record<string, Uint8Array | string>> = {
      id: value.bytes,
      keyspace_id: id,
      range_start: shard.start ?? "",
      range_end: shard.end ?? "",
      hex_keyspace_id: Buffer.from(id).toString("hex"),
      shard: shard.config.name,
    };
    rows.push(columns.map((column) => facts[column.of] ?? null));
  }
  return { kind: "local", columns: columns.map((column) => column.name), type: "varbinary", rows };
}

function columnOf(text: string, item: readonly Token[]): { name: string; of: string } {
  const [token, as] = item;
  const of = token === undefined ? null : nameOf(text, token);
  const alias =
    item.length === 1 ? of : isWord(as, "AS") && item.length === 3 ? nameOf(text, item[2] ?? (item[0] as Token)) : null;
  if (of === null || alias === null) throw refusal("an expression on results of a vindex function");
  if (!knownColumns.includes(of.toLowerCase()))
    throw new SqlError(1105, "HY000", `VT03016: unknown vindex column: '${of}'`);
  return { name: alias, of: of.toLowerCase() };
}
