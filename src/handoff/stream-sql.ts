import { quoteString } from "../mysql/identifiers.ts";

/** Statements about `_vt.vreplication` that go to a shard's primary as its DBA. They change streams that stand still only. */

/** Which streams of a tablet's database. */
export interface StreamsOf {
  readonly workflow: string;
  /** MySQL's name of the shard's database; VReplication looks at rows of its own database only. */
  readonly database: string;
}

export interface NewStream extends StreamsOf {
  /** A `BinlogSource` in text format; see `streamSource`. */
  readonly source: string;
  readonly position: string;
  /** The stream stops at the first commit at or after it; null: never. */
  readonly stopPosition: string | null;
  /** Cells and tablet types to read from, as Vitess writes them; empty: the tablet's own. */
  readonly cells: string;
  readonly tabletTypes: string;
  readonly rowsCopied: number;
}

/** No limit, which is how Vitess writes it. */
const unlimited = "9223372036854775807";

/**
 * Adds a stopped stream, unless the workflow has one with that source on this shard already, so that a handoff that was
 * killed can be begun again. A row with a position and no copy state starts from the binlog, without a copy phase.
 */
export function insertStream(stream: NewStream): string {
  const { workflow, database, source, position, stopPosition, cells, tabletTypes, rowsCopied } = stream;
  const values: readonly (readonly [string, string])[] = [
    ["workflow", quoteString(workflow)],
    ["source", quoteString(source)],
    ["pos", quoteString(position)],
    ["stop_pos", stopPosition === null ? "null" : quoteString(stopPosition)],
    ["max_tps", unlimited],
    ["max_replication_lag", unlimited],
    ["cell", quoteString(cells)],
    ["tablet_types", quoteString(tabletTypes)],
    ["time_updated", "unix_timestamp()"],
    ["transaction_timestamp", "0"],
    ["state", "'Stopped'"],
    ["db_name", quoteString(database)],
    ["rows_copied", String(rowsCopied)],
    ["workflow_type", "0"],
    ["workflow_sub_type", "0"],
    ["defer_secondary_keys", "0"],
    ["options", "'{}'"],
  ];
  return [
    `insert into _vt.vreplication (${values.map(([name]) => name).join(", ")})`,
    `select ${values.map(([, value]) => value).join(", ")} from dual`,
    `where not exists (select 1 from _vt.vreplication where ${these(stream)} and source = ${quoteString(source)})`,
  ].join(" ");
}

/** Gives the stopped streams of a workflow that has none yet their position, and the rows that were copied without them. */
export function setPosition(streams: StreamsOf, position: string, rowsCopied: number): string {
  return (
    `update _vt.vreplication set pos = ${quoteString(position)}, time_updated = unix_timestamp(), ` +
    `rows_copied = ${rowsCopied} where ${these(streams)} and state = 'Stopped' and pos = ''`
  );
}

/** Lets stopped streams run up to `position` and no further; null: on and on. */
export function setStopPosition(streams: StreamsOf, position: string | null): string {
  const value = position === null ? "null" : quoteString(position);
  return `update _vt.vreplication set stop_pos = ${value} where ${these(streams)} and state = 'Stopped'`;
}

/** Leaves a message on stopped streams, which Vitess keeps and shows. */
export function setMessage(streams: StreamsOf, message: string): string {
  return `update _vt.vreplication set message = ${quoteString(message)} where ${these(streams)} and state = 'Stopped'`;
}

/** Takes stopped streams away. */
export function deleteStopped(streams: StreamsOf): string {
  return `delete from _vt.vreplication where ${these(streams)} and state = 'Stopped'`;
}

function these({ workflow, database }: StreamsOf): string {
  return `workflow = ${quoteString(workflow)} and db_name = ${quoteString(database)}`;
}
