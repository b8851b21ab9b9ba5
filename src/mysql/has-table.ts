import { quoteString } from "./identifiers.ts";
import type { Session } from "./session.ts";

/** Is a table of this name in the session's database? Through vtgate, too, where the vschema does not know it. */
export async function hasTable(session: Session, name: string): Promise<boolean> {
  const pattern = quoteString(name.replaceAll("_", "\\_"));
  return (await session.query(`SHOW TABLES LIKE ${pattern}`)).length > 0;
}
