import type { TableSchema, Unmoved } from "../contracts/schema.ts";
import { quoteString } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import type { CatalogTable } from "./catalog.ts";

/** What a database holds beside base tables, each with the reason why it stays. Needs the account to be allowed to see it. */
export async function readUnmoved(
  session: Session,
  database: string,
  tables: readonly TableSchema[],
  others: readonly CatalogTable[],
): Promise<Unmoved[]> {
  const schema = quoteString(database);
  const views: Unmoved[] = [];
  const broken: Unmoved[] = [];
  for (const { name, isView } of others) {
    if (isView)
      views.push({
        what: "view",
        name,
        why: "Views are not data; create it on the target, where its tables may be sharded.",
      });
    else broken.push({ what: "table", name, why: "The source server cannot open it: it names no storage engine." });
  }
  const triggers = await session.query(
    `SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS t FROM information_schema.TRIGGERS
     WHERE TRIGGER_SCHEMA = ${schema} ORDER BY TRIGGER_NAME`,
  );
  const routines = await session.query(
    `SELECT ROUTINE_NAME AS name, LOWER(ROUTINE_TYPE) AS kind FROM information_schema.ROUTINES
     WHERE ROUTINE_SCHEMA = ${schema} ORDER BY ROUTINE_NAME, ROUTINE_TYPE`,
  );
  const events = await session.query(
    `SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${schema} ORDER BY EVENT_NAME`,
  );
  return [
    ...broken,
    ...views,
    ...triggers.map(
      ({ name, t }): Unmoved => ({
        what: "trigger",
        name: name ?? "",
        why: `It would fire again on rows that table ${t} already holds; create it on the target after the switch.`,
      }),
    ),
    ...routines.map(
      ({ name, kind }): Unmoved => ({
        what: "routine",
        name: name ?? "",
        why: `A stored ${kind} runs on one server; in a sharded keyspace it sees one shard only.`,
      }),
    ),
    ...events.map(
      ({ name }): Unmoved => ({
        what: "event",
        name: name ?? "",
        why: "It would run on every shard beside the source's; create it on the target after the switch.",
      }),
    ),
    ...tables.flatMap((table) =>
      table.foreignKeys.map(
        (key): Unmoved => ({
          what: "foreign key",
          name: `${table.name}.${key.name}`,
          why: `Rows are loaded in parallel and sharded, so ${key.referencedTable} may not hold the parent row yet, or not on the same shard.`,
        }),
      ),
    ),
  ];
}
