import type { LargeRow } from "../contracts/chunk.ts";
import type { RowBatch } from "../contracts/rows.ts";
import type { Session } from "../mysql/session.ts";
import { jsonTableStrategy } from "./json-table.ts";
import { keyReader, rowText } from "./keys.ts";
import { sliceRows } from "./row-select.ts";
import type { LoadTable } from "./table.ts";
import { valuesStrategy } from "./values.ts";

/** 16 MiB is gRPC's default limit between vtgate and vttablet; the rest is for names and framing. */
export const gateStatementLimit: number = (16 << 20) - (256 << 10);

/**
 * The largest statement a shard takes, in bytes, from its max_allowed_packet. vttablet writes the one parameter of a
 * JSON statement out as a literal, whose quotes take a backslash each, so behind vtgate half of it is kept free.
 */
export async function readStatementLimit(session: Session, behindGate: boolean): Promise<number> {
  const [row] = await session.query("SELECT @@max_allowed_packet AS n");
  const packet = Number(row?.["n"] ?? 0) || 4 << 20;
  return behindGate ? Math.min(gateStatementLimit, packet >>> 1) : packet - 1024;
}

/**
 * Rows of fewer bytes fit any statement a target can be set to take, so no one asks how large theirs would be:
 * no cell grows more than sixfold (a control character in JSON), and max_allowed_packet is 64 MiB unless changed.
 */
const LARGE_ROW_BYTES = 1 << 20;

/** Finds the row of a batch that takes the largest statement, looking only at large rows; null: none is large. */
export function largestRowFinder(table: LoadTable): (batch: RowBatch) => LargeRow | null {
  const strategies = [jsonTableStrategy(table), valuesStrategy(table)];
  const keys = keyReader(table);
  return (batch) => {
    let largest: LargeRow | null = null;
    for (let row = 0; row < batch.rows; row++) {
      if ((batch.offsets[row + 1] as number) - (batch.offsets[row] as number) < LARGE_ROW_BYTES) continue;
      const one = sliceRows(batch, row, row + 1);
      const statementBytes = Math.min(...strategies.map((strategy) => strategy.sizeOf(one)));
      if (largest !== null && largest.statementBytes >= statementBytes) continue;
      largest = { row: rowText(table, keys, batch, row), statementBytes };
    }
    return largest;
  };
}
