import type { RowBatch } from "../contracts/rows.ts";
import type { Outcome, Session } from "../mysql/session.ts";

export type StrategyName = "values" | "json-table";

/** One way of putting rows into a statement. Belongs to one table. */
export interface Strategy {
  readonly name: StrategyName;
  /** Does every session have to prepare a statement for the table first? */
  readonly prepares: boolean;
  /** The rows as what is sent: the statement's text, or its one parameter. The bytes are the caller's until it sends them. */
  encode(rows: RowBatch): Buffer;
  /** How many bytes `encode` would give. */
  sizeOf(rows: RowBatch): number;
  /** Runs the statement in a session; rows are inserted all or none. */
  send(session: Session, encoded: Buffer): Promise<Outcome>;
}

/** Every byte a value can take that needs something else in its place. */
export function escapeTable(replacements: Readonly<Record<number, string>>): (Uint8Array | null)[] {
  return Array.from({ length: 256 }, (_, byte) => {
    const text = replacements[byte];
    return text === undefined ? null : Buffer.from(text, "latin1");
  });
}

/** A timestamp cell is UTC, whatever the zone of the session that writes it. */
export const utcOffset: Buffer = Buffer.from("+00:00");

const zeroDate = Buffer.from("0000-00-00");

/** The zero timestamp takes no time zone offset. */
export function isZeroTimestamp(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < zeroDate.length) return true;
  for (let i = 0; i < zeroDate.length; i++) if (bytes[start + i] !== zeroDate[i]) return false;
  return true;
}
