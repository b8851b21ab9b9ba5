import type { Finding } from "../../contracts/finding.ts";
import type { TableSchema } from "../../contracts/schema.ts";
import type { Session } from "../../mysql/session.ts";

export interface PreflightContext {
  readonly session: Session;
  readonly database: string;
  /** The tables that are to be moved. */
  readonly tables: readonly TableSchema[];
}

/** One thing to look at. Never changes anything on the source. */
export type Check = (context: PreflightContext) => Promise<readonly Finding[]>;

/** Server variables by lower-case name; those this server does not have are absent. */
export async function readVariables(session: Session, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query(
    `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(", ")})`,
  );
  return new Map(rows.map((row) => [(row["Variable_name"] ?? "").toLowerCase(), row["Value"] ?? ""]));
}
