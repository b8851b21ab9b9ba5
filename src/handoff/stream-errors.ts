import type { StreamTrouble } from "../contracts/handoff-status.ts";
import { withoutRowData } from "../mysql/server-errors.ts";

/** A message of VReplication by what it is about. Read in this order; the first that fits is it. */
interface Kind {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly meaning: string;
  readonly todo: string;
}

/** MySQL's error numbers as Vitess writes them into its messages. */
const errno = (...numbers: number[]): string => `\\(errno (?:${numbers.join("|")})\\)`;

const startAgain = "then `vtpipe handoff` starts the stream where it stopped";

const kinds: readonly Kind[] = [
  {
    kind: "binlogs-purged",
    pattern: new RegExp(`purged (?:the )?required (?:binary logs|GTIDs)|${errno(1236, 1789)}`, "i"),
    meaning: "The source has purged binary logs that this stream had still to read; what was in them is nowhere else.",
    todo: "Cancel the handoff (`vtpipe cancel`), raise the source's binlog_expire_logs_seconds, and copy again into empty tables and a new run directory.",
  },
  {
    kind: "duplicate-row",
    pattern: new RegExp(`Duplicate entry|${errno(1062, 1586, 1022)}`),
    meaning:
      "The target already has a row with the key that the stream inserts: somebody else wrote to the target's table, or rows became equal under one of its unique keys.",
    todo: `Look up the key on that shard and take the row away if it is not the source's; ${startAgain}, and \`vtpipe vdiff\` proves the tables equal.`,
  },
  {
    kind: "source-schema-changed",
    pattern:
      /cannot determine table columns|unknown table .* in schema|not compatible with the current event|column \S+ not found in table|plan not found for|unexpected event on table|not found in schema/,
    meaning: "The source's table is not any more as it was when the stream's filter was made.",
    todo: `Have the source's tablet read its schema again (vtctldclient ReloadSchemaKeyspace) and give the target's table the same change; ${startAgain}.`,
  },
  {
    kind: "target-schema-differs",
    pattern: new RegExp(`Unknown column|doesn't exist|${errno(1054, 1146, 1136, 1051, 1091)}`),
    meaning: "The target's table lacks what the stream writes: it was altered or dropped there, or only on the source.",
    todo: `Give the target's table the columns of the source's (\`vtpipe schema print\` shows them); ${startAgain}.`,
  },
  {
    kind: "stopped-at-ddl",
    pattern: /^Stopped at DDL/,
    meaning: "The source's schema was changed, and the workflow is set to stop then.",
    todo: `Make the same change on the target; ${startAgain}.`,
  },
  {
    kind: "access",
    pattern: new RegExp(`Access denied|command denied|${errno(1044, 1045, 1142, 1143, 1227)}`),
    meaning: "MySQL refuses the account that a tablet works with.",
    todo: `Grant the tablet's filtered account (--db-filtered-user) what the message names; ${startAgain}.`,
  },
  {
    kind: "read-only",
    pattern: new RegExp(`read-only|read_only|${errno(1290, 1792, 1836)}`),
    meaning: "The server that the stream writes to takes no writes: it is read-only.",
    todo: `Look which tablet is the shard's primary, and make its MySQL writable; ${startAgain}.`,
  },
  {
    kind: "lock",
    pattern: new RegExp(`Deadlock found|Lock wait timeout|${errno(1205, 1213)}`),
    meaning: "Somebody else holds locks on the target's rows.",
    todo: "Nothing if it goes away; else find out who writes to the target's tables.",
  },
  {
    kind: "foreign-key",
    pattern: new RegExp(`foreign key constraint fails|${errno(1216, 1217, 1451, 1452)}`),
    meaning: "A foreign key on the target does not allow the change.",
    todo: `Drop the foreign keys of the target's tables for the time of the handoff; ${startAgain}.`,
  },
  {
    kind: "value-does-not-fit",
    pattern: new RegExp(
      `Data too long|Out of range|Incorrect .* value|cannot be null|Data truncated|${errno(1048, 1264, 1265, 1292, 1366, 1406, 3140, 3144)}`,
    ),
    meaning: "A value of the source does not fit the target's column.",
    todo: `Widen the column on the target; ${startAgain}.`,
  },
  {
    kind: "row-image",
    pattern: /row.image/i,
    meaning: "The source's binary log does not hold whole rows.",
    todo: "Set binlog_row_image to FULL on the source, for all its sessions. Rows that were changed meanwhile are not all in the log: `vtpipe vdiff` tells whether to copy again.",
  },
  {
    kind: "statement-in-log",
    pattern: /SBR replication|in row-based replication/,
    meaning: "The source's binary log holds a statement in place of its rows.",
    todo: "Set binlog_format to ROW on the source and end the sessions that have set another. What the statement changed has to be copied again.",
  },
  {
    kind: "tablet-types",
    pattern: /parse list of tablet types|local cell preference|invalid tablet order|Missing .* cells?/i,
    meaning: "Vitess does not understand which tablets the stream may read from.",
    todo: "Correct handoff.cells and handoff.tabletTypes, cancel, and begin the handoff again.",
  },
  {
    kind: "no-source-tablet",
    pattern: /picking tablet|tablet picker|[Nn]o healthy|not healthy and serving|context has expired/,
    meaning: "No healthy tablet of the kinds in handoff.tabletTypes serves the source in handoff.cells.",
    todo: "Bring the tablet in front of the source up (vtctldclient GetTablets shows it); for an unmanaged one run TabletExternallyReparented after a restart.",
  },
  {
    kind: "throttled",
    pattern: /throttled/,
    meaning: "The source's throttler let nothing through for so long that the stream begins anew.",
    todo: "See what it throttles for: vtctldclient GetThrottlerStatus with the source's tablet.",
  },
  {
    kind: "target-slow",
    pattern: /progress stalled|unable to replicate the transaction in a timely manner/,
    meaning: "The target's MySQL took too long over one transaction.",
    todo: "Look at its load, and whether the tables have the key the statements need.",
  },
  {
    kind: "connection",
    pattern: new RegExp(
      `${errno(1053, 2002, 2003, 2006, 2013)}|connection refused|Connect(?:ion)? error|code = (?:Unavailable|Canceled|DeadlineExceeded)|\\bEOF\\b|vstream ended|lost connection`,
      "i",
    ),
    meaning: "A tablet or its MySQL cannot be reached.",
    todo: "See whether the stream's tablets are up (vtctldclient GetTablets) and their MySQLs.",
  },
];

/** What streams say that is no trouble. */
const harmless = /^(?:Picked source tablet|Stopped at position|Stopped after copy|FROZEN$|switched by vtpipe|$)/;

/** Vitess puts these words before an error it does not try again after. */
const terminal = /^terminal error: /;

/**
 * Pure: the state a stream is in. vtctld shows `Error` for every stream whose message has the word in it, also for one that
 * Vitess starts again every few seconds; that one is `Retrying` here.
 */
export function streamState(shown: string, message: string): string {
  return shown === "Error" && message !== "" && !terminal.test(message) ? "Retrying" : shown;
}

const unknown: Omit<Kind, "pattern"> = {
  kind: "other",
  meaning: "The stream reports something that is not known here.",
  todo: "If it stays, see the tablet's log.",
};

const gaveUp: Omit<Kind, "pattern"> = {
  kind: "other",
  meaning: "The stream has given up.",
  todo: `Remove what its message names (the tablet's log says more); ${startAgain}.`,
};

/** Pure: what a stream in `state` with `message` suffers from; null: nothing. */
export function streamTrouble(state: string, message: string): StreamTrouble | null {
  const failed = state === "Error";
  if (!failed && harmless.test(message)) return null;
  // The statement that Vitess appends holds rows, and may hold words that mean something else.
  const said = withoutRowData(message.replace(terminal, ""));
  const { kind, meaning, todo } = kinds.find(({ pattern }) => pattern.test(said)) ?? (failed ? gaveUp : unknown);
  return { kind, meaning, todo, retried: !failed && state !== "Stopped", message: said };
}
