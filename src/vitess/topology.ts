import { VtpipeError } from "../contracts/errors.ts";
import { didYouMean } from "../contracts/nearest-name.ts";
import { quoteString } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import { compareIds, coverageFault, parseShardName, type ShardRange } from "./key-range.ts";

export interface Shard {
  /** As Vitess writes it: `-80`, `80-`, `0`. */
  readonly name: string;
  readonly range: ShardRange;
}

/** The serving shards of a keyspace, in order of their ranges, proven to cover every keyspace id exactly once. */
export interface Topology {
  readonly kind: "vitess" | "stand-in";
  /** e.g. `24.0.0`; null when the server does not say. */
  readonly version: string | null;
  readonly keyspace: string;
  readonly shards: readonly Shard[];
  readonly sharded: boolean;
}

function refusal(message: string, todo: string): VtpipeError {
  return new VtpipeError({ code: "preflight", message, now: "Nothing was changed.", todo });
}

/** What is at the other end: vtgate says "Vitess" in its version, the stand-in says what it is in its comment. */
async function identify(session: Session): Promise<Pick<Topology, "kind" | "version">> {
  const [row = {}] = await session.query("SELECT version() AS v, @@version_comment AS c");
  const comment = row["c"] ?? "";
  if (comment.includes("vtpipe stand-in router")) return { kind: "stand-in", version: null };
  if (!/vitess/i.test(row["v"] ?? "") && !/^Version: \d/.test(comment)) {
    throw refusal(
      `The target is not a vtgate: it calls itself "${row["v"]}" (${comment}).`,
      "Point target.url at vtgate's MySQL port (15306 in Vitess's examples).",
    );
  }
  return { kind: "vitess", version: /\d+\.\d+\.\d+/.exec(comment)?.[0] ?? null };
}

/** Shard names to shards in range order; refuses names that are no ranges, gaps and overlaps. */
export function orderShards(keyspace: string, names: readonly string[]): Shard[] {
  const shards = names.map((name) => {
    const range = parseShardName(name);
    if (range !== null) return { name, range };
    throw refusal(
      `Shard "${name}" of keyspace ${keyspace} has no key range in its name.`,
      "Custom-sharded keyspaces cannot be loaded; use a keyspace with key ranges.",
    );
  });
  shards.sort((a, b) => compareIds(a.range.start, b.range.start));
  const fault = coverageFault(shards);
  if (fault === null) return shards;
  throw refusal(
    `The shards of keyspace ${keyspace} do not cover every row: ${fault} (shards: ${names.join(", ")}).`,
    "Bring up the missing shard or finish the resharding, so that `SHOW VITESS_SHARDS` lists a full set.",
  );
}

/** Reads a keyspace's shards. The session must not be shard-targeted: those pass SHOW on to MySQL. */
export async function readTopology(session: Session, keyspace: string): Promise<Topology> {
  const identity = await identify(session);
  const pattern = quoteString(`${keyspace}/%`);
  const rows = await session.query(`SHOW VITESS_SHARDS LIKE ${pattern}`);
  // LIKE's % and _ in the keyspace's own name would match more than that keyspace.
  const names = rows.flatMap((row) => {
    const [path] = Object.values(row);
    return path?.startsWith(`${keyspace}/`) ? [path.slice(keyspace.length + 1)] : [];
  });
  if (names.length === 0) throw await noSuchKeyspace(session, keyspace);
  const shards = orderShards(keyspace, names);
  // A keyspace with the one shard "-" is sharded by vschema all the same, but every row goes to that shard.
  return { ...identity, keyspace, shards, sharded: shards.length > 1 || shards[0]?.name === "-" };
}

async function noSuchKeyspace(session: Session, keyspace: string): Promise<VtpipeError> {
  const all = await session.query("SHOW VITESS_SHARDS");
  const known = [...new Set(all.map((row) => Object.values(row)[0]?.split("/")[0] ?? ""))];
  return refusal(
    `Keyspace ${keyspace} has no serving shards.${didYouMean(keyspace, known)}`,
    `Check the keyspace in target.url; vtgate serves ${known.join(", ") || "none"}.`,
  );
}
