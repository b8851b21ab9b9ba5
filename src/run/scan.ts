import type { Finding } from "../contracts/finding.ts";
import type { TableSchema } from "../contracts/schema.ts";
import { gateStatementLimit } from "../load/row-limit.ts";
import type { Session } from "../mysql/session.ts";
import { jsonScalarRows } from "../source/preflight/json-scalars.ts";
import { lossyTextRows, suspectTextColumns } from "../source/preflight/lossy-text.ts";
import { mayPassLimit, oversizedRows } from "../source/preflight/oversized-rows.ts";
import type { FoundRow } from "../source/preflight/row-finder.ts";
import type { StopSignal } from "./stop-signal.ts";

/** A row of this many bytes may take a statement of twice as many, which is what a vtgate takes by default. */
const suspectRowBytes = Math.floor(gateStatementLimit / 2);

/**
 * Reads whole tables in search of rows that would not arrive as they are: text that is lost in conversion, typed JSON
 * scalars, rows larger than a vtgate's messages. What it finds are warnings that name keys.
 */
export async function scanTables(
  session: Session,
  tables: readonly TableSchema[],
  stop: StopSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const table of tables) {
    for (const column of suspectTextColumns(table)) {
      stop.check();
      const rows = await lossyTextRows(session, table, column);
      findings.push(
        ...found(rows, table.name, column.name, "lossy-text", (keys) => ({
          text: `Column ${column.name} of table ${table.name} holds ${column.charset} text that utf8mb4 does not give back byte for byte: ${keys}.`,
          todo: "Correct the rows at the source, or convert the column to a binary type first.",
        })),
      );
    }
    for (const column of table.columns.filter(({ kind, generated }) => kind === "json" && generated === null)) {
      stop.check();
      const rows = await jsonScalarRows(session, table, column);
      findings.push(
        ...found(rows, table.name, column.name, "json-scalar", (keys) => ({
          text: `Documents in column ${column.name} of table ${table.name} hold typed values (decimals, dates, bytes) that become doubles and strings in JSON text: ${keys}.`,
          todo: "Accept that, or write them again on the target with JSON_SET and CAST.",
        })),
      );
    }
    if (!mayPassLimit(table, suspectRowBytes)) continue;
    stop.check();
    const rows = await oversizedRows(session, table, suspectRowBytes);
    findings.push(
      ...found(rows, table.name, undefined, "large-row", (keys) => ({
        text: `Table ${table.name} has rows whose statements may be larger than the messages of 16 MiB that vtgate takes by default: ${keys}.`,
        todo: "Raise --grpc-max-message-size of vtgate and vttablet and max_allowed_packet of the shards, or leave the rows out with a where.",
      })),
    );
  }
  return findings;
}

function found(
  rows: readonly FoundRow[],
  table: string,
  column: string | undefined,
  code: string,
  texts: (keys: string) => { text: string; todo: string },
): Finding[] {
  if (rows.length === 0) return [];
  const keys = rows.map(({ key }) => key).join("; ");
  return [{ severity: "warning", code, table, ...(column === undefined ? {} : { column }), ...texts(keys) }];
}
