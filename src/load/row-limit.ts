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

export interface OversizedRow {
  /** The row's key, for people. */
  readonly row: string;
  /** What the smallest statement with this row takes. */
  readonly bytes: number;
}

/** No cell grows more than sixfold (a control character in JSON), and no cell needs more than this beside it. */
const WORST_GROWTH = 6;
const CELL_OVERHEAD = 24;

/** Looks for a row that no statement of `limit` bytes can hold, so that it is named before anything is loaded. */
export function oversizedRowFinder(table: LoadTable, limit: number): (batch: RowBatch) => OversizedRow | null {
  const strategies = [jsonTableStrategy(table), valuesStrategy(table)];
  const keys = keyReader(table);
  const head = valuesStrategy(table).encode({ bytes: Buffer.alloc(0), offsets: new Uint32Array(1), rows: 0 }).length;
  const harmless = (limit - head - table.columns.length * CELL_OVERHEAD) / WORST_GROWTH;
  return (batch) => {
    for (let row = 0; row < batch.rows; row++) {
      if ((batch.offsets[row + 1] as number) - (batch.offsets[row] as number) <= harmless) continue;
      const one = sliceRows(batch, row, row + 1);
      const bytes = Math.min(...strategies.map((strategy) => strategy.encode(one).length));
      if (bytes > limit) return { row: rowText(table, keys, batch, row), bytes };
    }
    return null;
  };
}
