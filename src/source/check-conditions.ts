import { VtpipeError } from "../contracts/errors.ts";
import type { TableSchema } from "../contracts/schema.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import { errnoOf } from "./errno.ts";

/** The SQL of one table's rule that the source is to evaluate. */
export interface RuleSql {
  readonly table: TableSchema;
  readonly where: string | null;
  /** Expressions of its transforms, each with its place in the config. */
  readonly computed?: readonly { readonly expression: string; readonly path: string }[];
}

/**
 * Lets the source parse every rule's SQL, reading no row. Each stands between CASE's keywords, not in parentheses, so
 * that one which closes a parenthesis it did not open (`1=1) OR (1=1`) is refused: in a chunk's query it would undo the
 * key range. Throws a `config` error naming the place of what it refuses.
 */
export async function checkConditions(session: Session, rules: readonly RuleSql[]): Promise<void> {
  for (const { table, where, computed = [] } of rules) {
    const from = quoteTable(table.database, table.name);
    const check = async (sql: string, what: string, todo: string): Promise<void> => {
      try {
        await session.query(sql);
      } catch (error) {
        if (errnoOf(error) === null) throw error;
        throw refused(table.name, `${what} cannot be used`, todo, error as VtpipeError);
      }
    };
    if (where !== null) {
      const todo = "Write it as a SQL condition on the source's columns and run the same command again.";
      const what = `The condition tables.rules.${table.name}.where`;
      await check(`SELECT CASE WHEN ${where}\n THEN 1 END FROM ${from} LIMIT 0`, what, todo);
    }
    for (const { expression, path } of computed) {
      const todo = "Write it as a SQL expression on the source's columns and run the same command again.";
      await check(
        `SELECT CASE 1 WHEN 1 THEN ${expression}\n END FROM ${from} LIMIT 0`,
        `The expression of ${path}`,
        todo,
      );
    }
  }
}

function refused(table: string, what: string, todo: string, cause: VtpipeError): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `${what}: ${cause.message}`,
    now: "Nothing was read or changed.",
    todo,
    context: { ...cause.context, table },
    cause,
  });
}
