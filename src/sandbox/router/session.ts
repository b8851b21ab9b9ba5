import type { Keyspace } from "./keyspace.ts";
import { type AnswerLimits, noLimits } from "./protocol/answer-tracker.ts";
import { readLength } from "./protocol/bytes.ts";
import { messageBytesMax, serverStatus } from "./protocol/capabilities.ts";
import { readError, unframe } from "./protocol/packets.ts";
import { SqlError, tooLarge } from "./refusal.ts";
import type { Target } from "./sql/target.ts";
import { openUpstream, type Upstream } from "./upstream.ts";

/** vttablet's --queryserver-config-max-result-size: rows a statement may answer unless workload is olap. */
const resultRowsMax = 10_000;

/** What one client has chosen and which shards it has sessions on. */
export interface Session {
  readonly connectionId: number;
  readonly capabilities: number;
  /** Looked up anew for every statement: the VSchema can be reloaded. */
  readonly keyspace: () => Keyspace;
  target: Target | null;
  workload: string;
  lastInsertId: number;
  /** Statements that bring a new shard session to this client's settings, by variable. */
  readonly settings: Map<string, string>;
  readonly upstreams: Map<string, Upstream>;
  /** In an untargeted session: BEGIN was said; shards get theirs when first touched. */
  transaction: { readonly begun: Set<string>; written: string | null } | null;
  autocommit: boolean;
  closed: boolean;
}

/** A shard's answer held whole; only for answers the router must read. */
export type Answer =
  | { readonly kind: "ok"; readonly payload: Buffer }
  | { readonly kind: "rows"; readonly columns: readonly Buffer[]; readonly rows: readonly Buffer[] };

export function limitsOf(session: Session): AnswerLimits {
  if (session.workload === "olap") return { ...noLimits, rowBytes: true };
  return { rows: resultRowsMax, bytes: messageBytesMax, rowBytes: true };
}

export function statusOf(session: Session): number {
  const open = session.transaction !== null || [...session.upstreams.values()].some((shard) => shard.inTransaction);
  return (session.autocommit ? serverStatus.autocommit : 0) | (open ? serverStatus.inTransaction : 0);
}

/** The client's session on a shard, opened with its settings when it is first needed. */
export async function upstreamOf(session: Session, name: string): Promise<Upstream> {
  const open = session.upstreams.get(name);
  if (open !== undefined) return open;
  const shard = session.keyspace().shards.find((candidate) => candidate.config.name === name);
  if (shard === undefined) {
    const tablet = `keyspace:"${session.keyspace().name}" shard:"${name}" tablet_type:PRIMARY`;
    const place = `${session.keyspace().name}.${name}.primary`;
    throw new SqlError(1105, "HY000", `target: ${place}: no healthy tablet available for '${tablet}'`);
  }
  const upstream = await openUpstream(shard.config, session.capabilities);
  if (session.closed) {
    upstream.destroy();
    throw new SqlError(1317, "70100", "Query execution was interrupted");
  }
  try {
    for (const statement of session.settings.values()) await ask(upstream, statement);
  } catch (error) {
    upstream.destroy();
    throw error;
  }
  session.upstreams.set(name, upstream);
  return upstream;
}

export function dropUpstreams(session: Session): void {
  for (const upstream of session.upstreams.values()) upstream.destroy();
  session.upstreams.clear();
}

export function limitError(shard: string, what: "rows" | "bytes", bytes: number): SqlError {
  if (what === "bytes") return tooLarge(shard, "answer", bytes, messageBytesMax);
  const text = `rpc error: code = Aborted desc = Row count exceeded ${resultRowsMax}`;
  return new SqlError(1317, "70100", `target: ${shard}: vtpipe stand-in router: ${text}`);
}

/** Runs a statement on a shard and holds its answer, within vtgate's limits; a server error is thrown as it came. */
export async function ask(
  upstream: Upstream,
  sql: string | Uint8Array,
  rowsMax: number = resultRowsMax,
): Promise<Answer> {
  const chunks: Buffer[] = [];
  const text = typeof sql === "string" ? Buffer.from(sql, "latin1") : sql;
  const tracker = await upstream.exchange(
    Buffer.concat([Buffer.from([0x03]), text]),
    "query",
    (chunk, { overrun }) => {
      if (overrun === null) chunks.push(Buffer.from(chunk));
      else chunks.length = 0;
      return undefined;
    },
    { rows: rowsMax, bytes: messageBytesMax, rowBytes: true },
  );
  if (tracker.overrun !== null) throw limitError(upstream.shard, tracker.overrun.what, tracker.overrun.bytes);
  const payloads = unframe(Buffer.concat(chunks));
  const [first] = payloads;
  if (tracker.failed || first === undefined) {
    const { errno, sqlState, message } = readError(payloads.at(-1) ?? Buffer.from([0xff, 0, 0]));
    throw new SqlError(errno, sqlState, message);
  }
  if (first[0] === 0x00) return { kind: "ok", payload: first };
  const count = readLength(first, 0).value;
  const between = upstream.deprecateEof ? 1 : 2;
  return { kind: "rows", columns: payloads.slice(1, 1 + count), rows: payloads.slice(count + between, -1) };
}
