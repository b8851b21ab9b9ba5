import type { Finding } from "../../contracts/finding.ts";
import type { TableSchema } from "../../contracts/schema.ts";
import type { VtctldMessage } from "../../vitess/vtctld/field.ts";
import type { LanedTable } from "../lanes.ts";
import type { HandoffPlan } from "../plan.ts";
import type { SequenceHome } from "../sequences.ts";
import type { HandoffView } from "../view.ts";

/** `copy`: before a row is read; `handoff`: the copy is on the target, and streams are about to start. */
export type Moment = "copy" | "handoff";

/** One thing to look at: pure, so that what it says of a cluster is told without one. */
export type HandoffCheck = (facts: HandoffFacts) => readonly Finding[];

/** Everything the checks go by, read at one time. Nothing of it is row data. */
export interface HandoffFacts {
  readonly moment: Moment;
  readonly plan: HandoffPlan;
  readonly view: HandoffView;
  readonly tables: readonly CheckedTable[];
  /** The server that rows are read from. */
  readonly source: SourceFacts;
  /** Where streams start: the copy's position, or before the copy the source's own as it is now. */
  readonly position: string;
  /** Every tablet of both keyspaces, as the topology has it. */
  readonly sourceTablets: readonly TabletFacts[];
  readonly targetTablets: readonly TabletFacts[];
  /** By alias the version of Vitess each primary runs; null: it does not say. */
  readonly versions: Readonly<Record<string, string | null>>;
  /** The MySQL servers behind the source's primaries and behind the tablets that streams may read from. */
  readonly servers: readonly ServerFacts[];
  /** The MySQL servers behind the target's primaries. */
  readonly targets: readonly TargetServerFacts[];
  /** Tablets whose MySQL could not be asked. */
  readonly silent: readonly SilentTablet[];
  readonly cells: CellFacts;
  /** Has the source's primary the tables of VReplication (`_vt`)? null: it could not be asked. */
  readonly sidecar: boolean | null;
  /** Sessions on the source's primary by account, without the server's own and those of replication. */
  readonly accounts: readonly AccountFacts[];
  readonly vschema: VtctldMessage<"Vschema">;
  /** By the name that the target's vschema gives a sequence, where it is. */
  readonly sequences: ReadonlyMap<string, readonly SequenceHome[]>;
  /** Does the run directory know of a handoff of that name to this target? null: none is looked at. */
  readonly begun: boolean | null;
  /** How long the copy may take, from estimates of the tables' size. */
  readonly forecast: CopyForecast;
}

export interface CheckedTable extends LanedTable {
  /** As it is on the source. */
  readonly schema: TableSchema;
}

export interface SourceFacts {
  readonly serverUuid: string;
  readonly database: string;
  /** `host:port`, for people. */
  readonly address: string;
  /** The account that rows are read as. */
  readonly user: string;
  /** `gtid_executed`, read before that of any tablet's server. */
  readonly executed: string;
}

export interface TabletFacts {
  /** `zone1-0000000100` */
  readonly alias: string;
  readonly cell: string;
  readonly shard: string;
  /** `PRIMARY`, `REPLICA`, `RDONLY` and others. */
  readonly type: string;
  /** As vtgate sees it; null: vtgate does not watch it. */
  readonly serving: boolean | null;
}

export interface ServerFacts {
  readonly tablet: string;
  readonly primary: boolean;
  /** MySQL's name of the database that the tablet serves. */
  readonly database: string;
  /** Global variables by lower-case name; those the server does not have are absent. */
  readonly variables: ReadonlyMap<string, string>;
  /** GTID sets as MySQL writes them, without white space. */
  readonly executed: string;
  readonly purged: string;
  readonly foreignKeys: readonly ForeignKeyRule[];
  /** Tables and views, of the handoff or not, whose names keep Vitess from reading the database's schema. */
  readonly unreadable: readonly string[];
}

export interface TargetServerFacts extends ServerFacts {
  readonly shard: string;
  /** Tables of the handoff that hold rows. */
  readonly filled: readonly string[];
  /** Named time zones in use that the server does not know. */
  readonly unknownZones: readonly string[];
}

/** What a foreign key does to the rows of `table`: `CASCADE`, `SET NULL`, `NO ACTION` and so on. */
export interface ForeignKeyRule {
  readonly name: string;
  readonly table: string;
  readonly parent: string;
  readonly onDelete: string;
  readonly onUpdate: string;
}

export interface SilentTablet {
  readonly tablet: string;
  readonly primary: boolean;
  readonly why: string;
}

export interface CellFacts {
  readonly known: readonly string[];
  /** By alias the cells it stands for. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
}

export interface AccountFacts {
  readonly user: string;
  readonly host: string;
  readonly sessions: number;
}

export interface CopyForecast {
  readonly bytes: number;
  /** Bytes per second that a copy is taken to come to. */
  readonly rate: number;
}

/** A finding of the handoff's checks. */
export function refusal(code: string, text: string, todo: string, table?: string): Finding {
  return { severity: "refusal", code, text, todo, ...(table === undefined ? {} : { table }) };
}

export function warning(code: string, text: string, todo: string, table?: string): Finding {
  return { ...refusal(code, text, todo, table), severity: "warning" };
}
