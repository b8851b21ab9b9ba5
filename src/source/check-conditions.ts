import { VtpipeError } from "../contracts/errors.ts";
import type { TableSchema } from "../contracts/schema.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import { errnoOf } from "./errno.ts";

/** Lets the source parse every rule's condition, reading no row. Throws a `config` error naming the rule of one it refuses. */
export async function checkConditions(
  session: Session,
  rules: readonly { readonly table: TableSchema; readonly where: string | null }[],
): Promise<void> {
  for (const { table, where } of rules) {
    if (where === null) continue;
    try {
      await session.query(`SELECT 1 FROM ${quoteTable(table.database, table.name)} WHERE (${where}\n) LIMIT 0`);
    } catch (error) {
      if (errnoOf(error) === null) throw error;
      throw refused(table.name, error as VtpipeError);
    }
  }
}

function refused(table: string, cause: VtpipeError): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `The condition tables.rules.${table}.where cannot be used: ${cause.message}`,
    now: "Nothing was read or changed.",
    todo: "Write it as a SQL condition on the source's columns and run the same command again.",
    context: { ...cause.context, table },
    cause,
  });
}
