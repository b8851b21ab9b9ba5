import { type Config, requireTarget } from "../config/config.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import type { ManifestTable } from "../contracts/manifest.ts";
import type { Column } from "../contracts/schema.ts";
import { planRouting, proveRouting, type RoutingPlan } from "../load/routing.ts";
import { parseServerUrl, type ServerAddress } from "../mysql/server-url.ts";
import { openSession, type Session } from "../mysql/session.ts";
import { openLoadSession } from "../vitess/shard-session.ts";
import { readTopology, type Topology } from "../vitess/topology.ts";
import { readVschema, type VschemaTable } from "../vitess/vschema.ts";

/** The target as a job starts with it: where it is, which shards serve it, and how each table's rows find theirs. */
export interface TargetSide extends AsyncDisposable {
  readonly address: ServerAddress;
  /** In the keyspace, not shard-targeted. */
  readonly control: Session;
  readonly topology: Topology;
  /** Names the target in ledgers: the same for every run against it. */
  readonly id: string;
  /** By source table name. */
  readonly routing: ReadonlyMap<string, RoutingPlan>;
}

export function targetAddress(config: Config): ServerAddress {
  const { url, password, silenceSeconds } = requireTarget(config);
  const address = { ...parseServerUrl(url), password, silenceSeconds };
  if (address.scheme === "vtgate" && address.database !== "") return address;
  throw new VtpipeError({
    code: "config",
    message: address.scheme === "vtgate" ? "target.url names no keyspace." : "target.url is not a vtgate:// address.",
    now: "Nothing was read or changed.",
    todo: "Write target.url as vtgate://user@host:15306/keyspace.",
  });
}

/** What ledgers call a target. */
export function targetId({ scheme, host, port, database }: ServerAddress): string {
  return `${scheme}://${host}:${port}/${database}`;
}

/** Connects to vtgate, reads the keyspace's shards and vschema, and proves our routing against vtgate's. */
export async function openTargetSide(
  config: Config,
  tables: readonly ManifestTable[],
  emit: EventSink,
): Promise<TargetSide> {
  const address = targetAddress(config);
  const keyspace = address.database;
  const control = await openSession(address, { purpose: "target" });
  try {
    const topology = await readTopology(control, keyspace);
    tellKind(topology, emit);
    const routing = await routeTables(control, tables, topology, emit);
    return { address, control, topology, id: targetId(address), routing, [Symbol.asyncDispose]: () => control.close() };
  } catch (error) {
    control.destroy();
    throw error;
  }
}

async function routeTables(
  control: Session,
  tables: readonly ManifestTable[],
  topology: Topology,
  emit: EventSink,
): Promise<ReadonlyMap<string, RoutingPlan>> {
  const names = tables.map(({ target }) => target);
  const vschema = topology.sharded
    ? await readVschema(control, topology.keyspace, names)
    : names.map((name) => ({ name, primaryVindex: null, ownedLookups: [] }));
  const routing = new Map<string, RoutingPlan>();
  const proven = new Set<string>();
  for (const [index, { source, columns }] of tables.entries()) {
    const table = vschema[index];
    if (table === undefined) throw new RangeError("one vschema entry per table");
    const planned = planRouting(table, columns, topology);
    const question = provenBy(planned, table, columns);
    if (question !== null && proven.has(question)) {
      routing.set(source, planned);
      continue;
    }
    const { plan, warning } = await proveRouting(control, planned, table, columns, topology, []);
    if (question !== null && warning === null) proven.add(question);
    if (warning !== null) emit({ type: "warning", code: "vindex-differs", text: warning, table: source });
    routing.set(source, plan);
  }
  return routing;
}

/**
 * What a proof of the routing asks vtgate, as a text: tables with the same vindex over columns of the same type ask the same, so one
 * of thousands is proof for all. null: nothing is asked.
 */
export function provenBy(
  plan: RoutingPlan,
  { primaryVindex }: Pick<VschemaTable, "primaryVindex">,
  columns: readonly Column[],
): string | null {
  const column = plan.kind === "vindex" ? columns[plan.cell] : undefined;
  if (column === undefined || primaryVindex === null) return null;
  const { columns: _, ...vindex } = primaryVindex;
  return JSON.stringify([vindex, { ...column, name: "" }]);
}

/** A session for inserting rows into one shard. */
export function onShard({ address, topology }: TargetSide, shard: string): Promise<Session> {
  return openLoadSession(address, { keyspace: topology.keyspace, shard }, {});
}

function tellKind({ kind, version, keyspace, shards }: Topology, emit: EventSink): void {
  const what =
    kind === "vitess" ? `Vitess ${version ?? "of an unknown version"}` : "the sandbox's stand-in router, NOT Vitess";
  emit({
    type: "note",
    text: `Target: ${what}, keyspace ${keyspace}, shards ${shards.map(({ name }) => name).join(" ")}.`,
  });
}
