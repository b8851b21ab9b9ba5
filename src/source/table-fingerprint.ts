import { createHash } from "node:crypto";
import type { TableSchema } from "../contracts/schema.ts";
import type { Session } from "../mysql/session.ts";
import { errnoOf } from "./errno.ts";
import { readCreateStatement } from "./inspect.ts";

/** By table name: SHA-256 of its definition; null for a table that is not there (any more). */
export type TableFingerprints = ReadonlyMap<string, string | null>;

const noSuchTable = 1146;

/** The definitions as they are now, to be compared with what they were when the snapshot was taken. */
export async function tableFingerprints(
  session: Session,
  tables: readonly Pick<TableSchema, "database" | "name">[],
): Promise<TableFingerprints> {
  const prints = new Map<string, string | null>();
  for (const { database, name } of tables) {
    try {
      prints.set(name, fingerprintOf(await readCreateStatement(session, database, name)));
    } catch (error) {
      if (errnoOf(error) !== noSuchTable) throw error;
      prints.set(name, null);
    }
  }
  return prints;
}

/** The auto_increment counter is no definition: every insert moves it. It stands in the line that closes the columns. */
export function fingerprintOf(createStatement: string): string {
  const definition = createStatement.replace(/^(\) ENGINE=\w+) AUTO_INCREMENT=\d+/m, "$1");
  return createHash("sha256").update(definition).digest("hex");
}

/** Tables whose definition is not what it was, or that were dropped or replaced, in the order of `before`. */
export function changedTables(before: TableFingerprints, after: TableFingerprints): readonly string[] {
  return Array.from(before.keys()).filter((name) => before.get(name) !== after.get(name));
}
