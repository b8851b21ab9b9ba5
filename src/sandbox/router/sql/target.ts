import { refusal, SqlError } from "../refusal.ts";

/** What `USE` selected: a keyspace, and one of its shards or none. */
export interface Target {
  readonly keyspace: string;
  readonly shard: string | null;
  /** As the client wrote it; what DATABASE() and SHOW VITESS_TARGET answer. */
  readonly text: string;
}

/**
 * Reads `ks`, `ks:-80`, `ks/-80`, each with an optional `@primary` (Vitess's go/vt/topo/topoproto/destination.go).
 * Refuses what Vitess also has and the stand-in has not: replicas, key ranges in brackets, tablet aliases. A shard that is not there is only found out by the first statement, as in vtgate.
 */
export function parseTarget(text: string, keyspace: string): Target {
  const at = text.lastIndexOf("@");
  const type = at < 0 ? "primary" : text.slice(at + 1);
  if (type.toLowerCase() !== "primary") throw refusal(`the tablet type in target "${text}"`);
  const place = at < 0 ? text : text.slice(0, at);
  if (place.includes("[")) throw refusal(`a key range or keyspace id in target "${text}"`);
  const cut = Math.max(place.lastIndexOf(":"), place.lastIndexOf("/"));
  const name = cut < 0 ? place : place.slice(0, cut);
  const shard = cut < 0 ? null : place.slice(cut + 1);
  if (name !== keyspace) throw new SqlError(1049, "42000", `VT05003: unknown database '${name}' in vschema`);
  return { keyspace: name, shard, text };
}
