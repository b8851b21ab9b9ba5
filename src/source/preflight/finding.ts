import type { TableSchema } from "../../contracts/schema.ts";
import type { Session } from "../../mysql/session.ts";

/** Something about the source the user should know before anything is read. A refusal ends the job before it begins. */
export interface Finding {
  readonly severity: "refusal" | "warning";
  /** Stable name for machines, e.g. `missing-grant`. */
  readonly code: string;
  /** What is true, naming the thing. */
  readonly text: string;
  /** What the user can do about it. */
  readonly todo: string;
  readonly table?: string;
  readonly column?: string;
}

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
