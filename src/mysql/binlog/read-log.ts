import type { Gtid, GtidSet } from "../gtid-set.ts";
import type { ServerAddress } from "../server-url.ts";
import { openDump } from "./dump-stream.ts";
import { parseGtid, parseQuery } from "./event-bodies.ts";
import { type BinlogEvent, describesChecksums, eventType, parseEvent } from "./events.ts";
import { copyAgain, damaged, unfollowable } from "./log-errors.ts";
import { payloadEvents } from "./payload.ts";
import { type FollowedTable, type RowChanges, type RowsDecoder, rowsDecoder, UnusableRows } from "./rows-event.ts";
import { rowsReader } from "./rows-reader.ts";
import { type StatementEffect, statementEffect } from "./statement-tables.ts";
import { parseTableMap, type TableMap, tableIdOf } from "./table-map.ts";

/** What the source's binary log tells, in commit order. */
export type LogItem =
  /** Rows of a followed table; those of a transaction come before its commit. */
  | { readonly type: "rows"; readonly gtid: Gtid; readonly table: string; readonly changes: RowChanges }
  /** Everything of the transaction was told. */
  | { readonly type: "commit"; readonly gtid: Gtid; readonly committedAt: number }
  /** A statement that made followed tables other than they were. */
  | {
      readonly type: "schema";
      readonly gtid: Gtid;
      readonly tables: readonly string[];
      readonly statement: string;
      readonly committedAt: number;
    }
  /** Nothing has happened on the source for some seconds. */
  | { readonly type: "idle" };

export interface LogOptions {
  readonly address: ServerAddress;
  readonly database: string;
  /** By name. Rows of other tables are passed over. */
  readonly tables: ReadonlyMap<string, FollowedTable>;
  /** Transactions that are known already. */
  readonly position: GtidSet;
  readonly signal?: AbortSignal;
}

/** Table maps kept from one transaction to the next. */
const MAPS_KEPT = 1000;
const STATEMENT_SHOWN = 200;
const rowsTypes = new Set<number>([
  eventType.writeRows,
  eventType.updateRows,
  eventType.deleteRows,
  eventType.writeRowsV1,
  eventType.updateRowsV1,
  eventType.deleteRowsV1,
]);

/** A transaction while its events come in. */
interface Open {
  readonly gtid: Gtid;
  readonly committedAt: number;
  /** Was BEGIN seen, so that statements are inside and do not commit by themselves? */
  begun: boolean;
  xa: boolean;
  /** Followed tables whose rows were told. */
  readonly touched: Set<string>;
}

/** A table map with what it takes to read rows by it; null for tables that are not followed. */
type MappedTable = { readonly map: TableMap; decoder: RowsDecoder | null } | null;

/**
 * Every transaction the source has beyond `position`, for as long as the loop goes on. Rows are decoded to the bytes a
 * SELECT in a source session gives. Throws `source`, `access`, `unreachable` or `interrupted`; what cannot be followed
 * exactly is an error that names it.
 */
export async function* readLog(options: LogOptions): AsyncGenerator<LogItem, void, void> {
  const { database, tables } = options;
  const stream = await openDump(options.address, options);
  const reader = rowsReader(options.address, options.signal);
  const maps = new Map<number, MappedTable>();
  const latest = new Map<number, { readonly body: Buffer; readonly mapped: MappedTable }>();
  let open: Open | null = null;
  let checksums = true;

  async function* rowsOf(event: BinlogEvent): AsyncGenerator<LogItem, void, void> {
    const mapped = maps.get(tableIdOf(event.body));
    if (mapped === undefined) {
      // The end of a statement is also told by an event for no table.
      if (event.body.length > 10) throw new RangeError("rows come before the map of their table");
      return;
    }
    if (mapped === null) return;
    if (open === null) throw new RangeError("rows come outside of a transaction");
    const { table } = mapped.map;
    open.touched.add(table);
    try {
      mapped.decoder ??= rowsDecoder(tables.get(table) as FollowedTable, mapped.map);
      const changes = await reader.read(mapped.decoder, event.type, event.body);
      if (changes.rows > 0) yield { type: "rows", gtid: open.gtid, table, changes };
    } catch (error) {
      if (!(error instanceof UnusableRows)) throw error;
      throw unfollowable(
        open.gtid,
        `rows of table ${table} cannot be used: ${error.message}.`,
        error.why === "images"
          ? `Set binlog_row_image = FULL on the source, for every session. ${copyAgain}`
          : `The table was altered after it was copied. ${copyAgain}`,
        table,
      );
    }
  }

  function mapTable(body: Buffer): void {
    const id = tableIdOf(body);
    // Every transaction maps its tables anew, and a table's map stays the same until it is altered.
    const before = latest.get(id);
    if (before?.body.equals(body)) {
      maps.set(id, before.mapped);
      return;
    }
    const map = parseTableMap(body);
    const followed = map.database === database && tables.has(map.table);
    const mapped = followed ? { map, decoder: null } : null;
    maps.set(id, mapped);
    if (latest.size >= MAPS_KEPT) latest.clear();
    latest.set(id, { body: Buffer.from(body), mapped });
  }

  function* statement(body: Buffer): Generator<LogItem, void, void> {
    if (open === null) return;
    const { name, sql } = parseQuery(body);
    const effect = statementEffect(sql);
    const word = /^\s*(\w+)(?:\s+(\w+))?/.exec(sql) ?? [];
    const verb = (word[1] ?? "").toUpperCase();
    if (verb === "BEGIN" || (verb === "XA" && /^(START|BEGIN)$/i.test(word[2] ?? ""))) {
      open.begun = true;
      open.xa = verb === "XA";
      return;
    }
    if (verb === "SAVEPOINT" || verb === "RELEASE" || (verb === "XA" && /^END$/i.test(word[2] ?? ""))) return;
    if (verb === "ROLLBACK" && open.touched.size > 0) {
      const todo = "Do not mix tables of InnoDB and of engines without transactions in one transaction.";
      const [table] = open.touched;
      throw unfollowable(open.gtid, "changes were rolled back that are in the log all the same.", todo, table);
    }
    if (verb === "ROLLBACK" && /^TO$/i.test(word[2] ?? "")) return;
    if (verb === "COMMIT" || verb === "ROLLBACK" || verb === "XA") return yield* commit();
    const affected = affectedTables(effect, name);
    if (affected === "unknown") {
      if (mentions(sql, name)) {
        throw unfollowable(
          open.gtid,
          `rows were changed by a statement that is logged as text (${verb}), not as rows.`,
          `Set binlog_format = ROW on the source, for every session. ${copyAgain}`,
        );
      }
    } else if (affected.length > 0) {
      const shown = sql.length > STATEMENT_SHOWN ? `${sql.slice(0, STATEMENT_SHOWN)}…` : sql;
      yield {
        type: "schema",
        gtid: open.gtid,
        tables: affected,
        statement: shown,
        committedAt: open.committedAt,
      };
    }
    // CREATE TABLE … SELECT is one statement and its rows, with a commit of its own.
    if (open !== null && !open.begun && !/\bSTART\s+TRANSACTION\s*;?\s*$/i.test(sql)) yield* commit();
  }

  function* commit(): Generator<LogItem, void, void> {
    if (open === null) return;
    const { gtid, committedAt } = open;
    open = null;
    maps.clear();
    yield { type: "commit", gtid, committedAt };
  }

  function affectedTables(effect: StatementEffect, session: string): string[] | "unknown" {
    switch (effect.kind) {
      case "none":
        return [];
      case "rows":
        return "unknown";
      case "database":
        return sameName(effect.database, database) ? [...tables.keys()] : [];
      case "tables":
        return [...tables.keys()].filter((table) =>
          effect.tables.some((named) => sameName(named.table, table) && sameName(named.database ?? session, database)),
        );
    }
  }

  /** Could a statement's text be about a followed table? When in doubt it could. */
  function mentions(sql: string, session: string): boolean {
    const text = sql.toLowerCase();
    if (!sameName(session, database) && !text.includes(database.toLowerCase())) return false;
    return [...tables.keys()].some((table) => text.includes(table.toLowerCase()));
  }

  async function* handle(event: BinlogEvent): AsyncGenerator<LogItem, void, void> {
    const { type, body } = event;
    if (rowsTypes.has(type)) return yield* rowsOf(event);
    switch (type) {
      case eventType.gtid:
        open = { ...parseGtid(body), begun: false, xa: false, touched: new Set() };
        maps.clear();
        return;
      case eventType.tableMap:
        return mapTable(body);
      case eventType.query:
        return yield* statement(body);
      case eventType.xid:
        return yield* commit();
      case eventType.xaPrepare: {
        // Its first byte says whether it is a commit in one phase.
        const [table] = open?.touched ?? [];
        if (body[0] !== 1 && table !== undefined) {
          throw unfollowable(
            open?.gtid ?? null,
            `rows of table ${table} were changed by an XA transaction that was only prepared, and may be rolled back.`,
            `Let no XA transaction write to followed tables. ${copyAgain}`,
            table,
          );
        }
        return yield* commit();
      }
      case eventType.partialUpdateRows: {
        const mapped = maps.get(tableIdOf(body));
        if (!mapped) return;
        throw unfollowable(
          open?.gtid ?? null,
          `table ${mapped.map.table} has updates of which only the changed parts of JSON documents were logged.`,
          `Set binlog_row_value_options = '' on the source, for every session. ${copyAgain}`,
          mapped.map.table,
        );
      }
      case eventType.transactionPayload:
        for await (const inner of payloadEvents(body)) yield* handle(parseEvent(inner, false));
        return;
      case eventType.anonymousGtid:
        throw unfollowable(null, "a transaction has no GTID.", `Set gtid_mode = ON on the source. ${copyAgain}`);
      case eventType.taggedGtid:
        throw unfollowable(
          null,
          "a transaction has a tagged GTID, which neither Vitess nor vtpipe follows.",
          `Have the source's writers use GTIDs without tags (gtid_next = AUTOMATIC). ${copyAgain}`,
        );
      case eventType.incident:
        throw unfollowable(open?.gtid ?? null, "the source says that events were lost.", copyAgain);
      case eventType.heartbeat:
      case eventType.heartbeatV2:
        yield { type: "idle" };
        return;
    }
  }

  try {
    for (;;) {
      const bytes = await stream.next();
      try {
        // The sender makes this one up to name the file, before it says whether there are checksums.
        if (bytes[4] === eventType.rotate) continue;
        if (bytes[4] === eventType.formatDescription) checksums = describesChecksums(bytes);
        yield* handle(parseEvent(bytes, checksums));
      } catch (error) {
        throw error instanceof RangeError ? damaged((open as Open | null)?.gtid ?? null, error) : error;
      }
    }
  } finally {
    stream.close();
    await reader.close();
  }
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
