import type { Finding } from "../../contracts/finding.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import type { Check, PreflightContext } from "./finding.ts";
import { type Grants, readGrants } from "./grants.ts";

/** May the account read every table, and which rung of the snapshot ladder do its grants reach? */
export const checkPrivileges: Check = async (context) => {
  const grants = await readGrants(context.session);
  return [...reading(context, grants), ...locking(context, grants), ...seeing(grants), ...listing(context, grants)];
};

function reading({ database, tables }: PreflightContext, grants: Grants): Finding[] {
  if (grants.onDatabase("SELECT", database)) return [];
  const grant = `GRANT SELECT ON ${quoteName(database)}.* TO ${grants.account}`;
  const missing = tables.filter((table) => !grants.onTable("SELECT", database, table.name));
  if (missing.length > 0 || tables.length === 0) {
    const what = missing.length === 0 ? `database ${database}` : `${missing.map((table) => table.name).join(", ")}`;
    return [
      {
        severity: "refusal",
        code: "missing-grant",
        text: `${grants.account} may not read all columns of ${what}.`,
        todo: `Run ${grant}, or exclude those tables.`,
        ...(missing[0] === undefined ? {} : { table: missing[0].name }),
      },
    ];
  }
  return [
    {
      severity: "warning",
      code: "select-on-tables-only",
      text: `${grants.account} may read only some tables of ${database}; MySQL hides the others, so they are not moved.`,
      todo: `Run ${grant} to move every table.`,
    },
  ];
}

function locking({ database, tables }: PreflightContext, grants: Grants): Finding[] {
  const all = grants.globally("RELOAD") || grants.globally("FLUSH_TABLES");
  const each = tables.every((table) => grants.onTable("LOCK TABLES", database, table.name));
  const remedy = `Run GRANT FLUSH_TABLES ON *.* TO ${grants.account}.`;
  const code = "missing-flush-tables";
  if (all && each) return [];
  if (all) {
    return [
      {
        severity: "warning",
        code: "missing-lock-tables",
        text: "Without LOCK TABLES nothing takes the place of a global read lock that is not granted in time: the snapshot is then taken without a lock, and on a busy source it may fail.",
        todo: `Run GRANT LOCK TABLES ON ${quoteName(database)}.* TO ${grants.account}.`,
      },
    ];
  }
  if (each) {
    return [
      {
        severity: "warning",
        code,
        text: `Without FLUSH_TABLES or RELOAD the snapshot is taken under read locks on the ${tables.length} tables to be moved.`,
        todo: remedy,
      },
    ];
  }
  const first = tables[0];
  return [
    {
      severity: "warning",
      code,
      text: "Without FLUSH_TABLES, RELOAD or LOCK TABLES the snapshot is taken without a lock: it needs GTIDs and a moment without writes, and on a busy source it may fail.",
      todo: `${remedy} LOCK TABLES on ${first === undefined ? `${quoteName(database)}.*` : quoteTable(database, first.name)} and the others would also do.`,
    },
  ];
}

function seeing(grants: Grants): Finding[] {
  const missing = (privilege: string, code: string, text: string): Finding[] =>
    grants.globally(privilege)
      ? []
      : [{ severity: "warning", code, text, todo: `Run GRANT ${privilege} ON *.* TO ${grants.account}.` }];
  return [
    ...missing(
      "BACKUP_ADMIN",
      "missing-backup-admin",
      "Without BACKUP_ADMIN tables can be altered while they are read; that is detected afterwards, and then the dump has to begin anew in an empty directory.",
    ),
    ...missing(
      "REPLICATION CLIENT",
      "missing-replication-client",
      "Without REPLICATION CLIENT it cannot be checked whether the binary logs needed for the handoff are still there.",
    ),
    ...missing(
      "PROCESS",
      "missing-process",
      "Without PROCESS long statements of others are not seen before the lock is asked for; it is then given up by its time limit.",
    ),
  ];
}

/** What is hidden from the account is missing among what is said to stay behind. Views are seen by whoever may read them. */
function listing({ database }: PreflightContext, grants: Grants): Finding[] {
  const here = `${quoteName(database)}.*`;
  const missing = [
    { privilege: "TRIGGER", on: here, what: "triggers", held: grants.onDatabase("TRIGGER", database) },
    { privilege: "EVENT", on: here, what: "events", held: grants.onDatabase("EVENT", database) },
    {
      privilege: "SHOW_ROUTINE",
      on: "*.*",
      what: "routines",
      held: grants.globally("SHOW_ROUTINE") || grants.globally("SELECT"),
    },
  ].filter(({ held }) => !held);
  if (missing.length === 0) return [];
  const all = (list: readonly string[]): string => list.join(" and ");
  return [
    {
      severity: "warning",
      code: "hidden-objects",
      text: `Without ${all(missing.map(({ privilege }) => privilege))} the server hides the ${all(missing.map(({ what }) => what))} of ${database}, so they are not listed among what does not move.`,
      todo: `Run ${all(missing.map(({ privilege, on }) => `GRANT ${privilege} ON ${on} TO ${grants.account}`))}.`,
    },
  ];
}
