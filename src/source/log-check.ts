import { asVtpipeError } from "../contracts/errors.ts";
import type { Finding } from "../contracts/finding.ts";
import type { TableSchema } from "../contracts/schema.ts";
import type { Session } from "../mysql/session.ts";
import { readVariables } from "./preflight/finding.ts";

/** What stands against the binary log telling every change of these tables. What only some sessions do is seen in the log. */
export async function checkLog(session: Session, database: string, tables: readonly TableSchema[]): Promise<Finding[]> {
  const names = ["log_bin", "binlog_format", "binlog_row_image", "gtid_mode", "innodb_native_foreign_keys"];
  const variables = await readVariables(session, names);
  const findings: Finding[] = [];
  const wanted = { log_bin: "ON", gtid_mode: "ON", binlog_format: "ROW", binlog_row_image: "FULL" };
  for (const [name, value] of Object.entries(wanted)) {
    // Servers without the variable know no other.
    const found = variables.get(name) ?? value;
    if (found === value) continue;
    findings.push({
      severity: "refusal",
      code: "log-setting",
      text: `The source has ${name} = ${found}; its log tells every change only with ${value}.`,
      todo: `Set ${name} = ${value} on the source. What was changed before is not in the log as it has to be: copy again then.`,
    });
  }
  // From 9.6 on the server itself cascades, and logs it.
  if (variables.get("innodb_native_foreign_keys") !== "OFF") findings.push(...tables.flatMap(cascades));
  findings.push(...(await filters(session, database)));
  return findings;
}

/** Rows that InnoDB changes because a row they refer to changes are in no log. */
function cascades({ name, createStatement }: TableSchema): Finding[] {
  const definitions = createStatement.replace(/'(?:[^'\\]|''|\\[\s\S])*'/g, "''");
  const [rule] = /\bON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|SET DEFAULT)\b/.exec(definitions) ?? [];
  if (rule === undefined) return [];
  return [
    {
      severity: "refusal",
      code: "unlogged-cascade",
      text: `Table ${name} has a foreign key ${rule}: what InnoDB changes by it is not in the binary log.`,
      todo: "Stop writes for this table's move, or replace the rule by statements of the application and copy anew. (MySQL 9.6 and later log it.)",
      table: name,
    },
  ];
}

/** Databases that the log leaves out. */
async function filters(session: Session, database: string): Promise<Finding[]> {
  let row: Record<string, string | null> | undefined;
  try {
    [row] = await session.query("SHOW BINARY LOG STATUS").catch((error: unknown) => {
      if (asVtpipeError(error).context["errno"] !== PARSE_ERROR) throw error;
      return session.query("SHOW MASTER STATUS");
    });
  } catch (error) {
    if (asVtpipeError(error).code !== "access") throw error;
    return [
      {
        severity: "warning",
        code: "log-filters-unknown",
        text: "It cannot be seen whether the source's log leaves databases out (binlog-do-db, binlog-ignore-db).",
        todo: "GRANT REPLICATION CLIENT to the source account, or make sure of it yourself.",
      },
    ];
  }
  const list = (name: string): string[] => (row?.[name] ?? "").split(",").filter((text) => text !== "");
  const [only, without] = [list("Binlog_Do_DB"), list("Binlog_Ignore_DB")];
  if ((only.length === 0 || only.includes(database)) && !without.includes(database)) return [];
  return [
    {
      severity: "refusal",
      code: "log-filters",
      text: `The source's log leaves out database ${database} (binlog-do-db, binlog-ignore-db).`,
      todo: "Take the filter away, restart the source, and copy again.",
    },
  ];
}

const PARSE_ERROR = 1064;
