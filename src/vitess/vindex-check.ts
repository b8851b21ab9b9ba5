import type { CellKind } from "../contracts/schema.ts";
import { quoteName, quoteString } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import { shardOf } from "./shard-router.ts";
import type { Shard } from "./topology.ts";
import type { VindexFunction } from "./vindexes/vindex.ts";
import type { PrimaryVindex } from "./vschema.ts";

/** A value for which vtgate and we disagree about the keyspace id or the shard. */
export interface VindexMismatch {
  readonly value: string;
  readonly ours: string;
  readonly theirs: string;
}

/**
 * Text goes quoted, bytes as a hex literal. vtgate's vindex function takes neither a negative number (the planner sees
 * an expression, and a quoted one is no number to it) nor does it answer for an empty id, so those are left out.
 */
function literalOf(kind: CellKind, value: Uint8Array): string | null {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (value.length === 0) return null;
  if (kind === "binary") return `x'${bytes.toString("hex")}'`;
  const text = bytes.toString("utf8");
  if (kind !== "integer" && kind !== "decimal") return quoteString(text);
  return /^\d+(\.\d+)?$/.test(text) ? text : null;
}

/** Values every check asks for besides the table's own. */
const commonValues: ReadonlyMap<CellKind, readonly string[]> = new Map([
  ["integer", ["0", "1", "2", "255", "4294967296", "9007199254740993", "9223372036854775807"]],
  ["text", ["a", "Test", "a longer text, of more than thirty-two bytes", "é漢🎈"]],
  ["binary", ["\u0001", "a longer text, of more than thirty-two bytes"]],
]);

/**
 * Asks the live vtgate for the keyspace ids of some values and compares them with ours, shard included. null: they
 * agree. The session must be in the keyspace, not shard-targeted.
 */
export async function checkVindex(
  session: Session,
  vindex: PrimaryVindex,
  column: { readonly kind: CellKind },
  ours: VindexFunction,
  shards: readonly Shard[],
  samples: readonly Uint8Array[],
): Promise<VindexMismatch | null> {
  const values = [...(commonValues.get(column.kind) ?? []).map((text) => Buffer.from(text)), ...samples];
  const ids = ours(values);
  for (const [index, value] of values.entries()) {
    const literal = literalOf(column.kind, value);
    if (literal === null) continue;
    const id = ids[index] ?? null;
    const mine =
      id === null ? "none" : `${Buffer.from(id).toString("hex")} on ${(shards[shardOf(shards, id)] as Shard).name}`;
    const [row] = await session.query(
      `SELECT hex_keyspace_id, shard FROM ${quoteName(vindex.name)} WHERE id = ${literal}`,
    );
    const theirs = row === undefined ? "none" : `${row["hex_keyspace_id"]} on ${row["shard"]}`;
    if (theirs !== mine) return { value: literal, ours: mine, theirs };
  }
  return null;
}
