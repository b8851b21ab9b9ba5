import { asVtpipeError } from "../contracts/errors.ts";
import type { Finding } from "../contracts/finding.ts";
import { didYouMean } from "../contracts/nearest-name.ts";
import type { Column, Key, TableSchema } from "../contracts/schema.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { Session } from "../mysql/session.ts";
import { columnLoss } from "./column-loss.ts";
import { insertedCells, type LoadTable } from "./table.ts";

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Holds the rows' columns against the target table's. Pure. */
export function compareColumns(table: LoadTable, target: TableSchema): Finding[] {
  const findings: Finding[] = [];
  const alter = `Change it (vtpipe schema print shows a table that fits), or leave the column out with drop.`;
  for (const { column } of insertedCells(table)) {
    const place = { table: table.name, column: column.name };
    const there = target.columns.find(({ name }) => sameName(name, column.name));
    if (there === undefined) {
      const names = target.columns.map(({ name }) => name);
      findings.push({
        ...place,
        severity: "refusal",
        code: "target-column-missing",
        text: `Table ${table.name} on the target has no column ${column.name}.${didYouMean(column.name, names)}`,
        todo: "Add it to the target, or rename or drop it with a transform.",
      });
    } else if (there.generated !== null) {
      findings.push({
        ...place,
        severity: "refusal",
        code: "target-column-generated",
        text: `Column ${column.name} of table ${table.name} is generated on the target; it takes no values.`,
        todo: "Drop the column with a transform, or make it an ordinary one on the target.",
      });
    } else {
      const loss = columnLoss(column, there);
      if (loss !== null) {
        findings.push({
          ...place,
          severity: loss.how === "silent" ? "refusal" : "warning",
          code: loss.how === "silent" ? "target-column-changes-values" : "target-column-narrower",
          text: `Column ${column.name} of table ${table.name} is ${column.type} in the rows and ${there.type} on the target: ${loss.what}.`,
          todo: alter,
        });
      }
      if (column.nullable && !there.nullable) {
        findings.push({
          ...place,
          severity: "warning",
          code: "target-column-not-null",
          text: `Column ${column.name} of table ${table.name} may be NULL in the rows and is NOT NULL on the target, which refuses such rows.`,
          todo: alter,
        });
      }
    }
  }
  for (const extra of extraColumns(table, target)) findings.push(extraColumn(table, target, extra));
  return findings;
}

/** Columns only the target has; whether they have a default is in its CREATE statement alone. */
export function extraColumns(table: LoadTable, target: Pick<TableSchema, "columns">): Column[] {
  return target.columns.filter(
    (extra) => extra.generated === null && !table.columns.some(({ name }) => sameName(name, extra.name)),
  );
}

function extraColumn(table: LoadTable, target: TableSchema, { name, nullable, autoIncrement }: Column): Finding {
  const place = { table: table.name, column: name };
  if (nullable || autoIncrement || hasDefault(target, name)) {
    return {
      ...place,
      severity: "warning",
      code: "target-column-extra",
      text: `Column ${name} of table ${table.name} is only on the target; every row gets its default.`,
      todo: "Nothing, if that is meant; otherwise give it a value with set.",
    };
  }
  return {
    ...place,
    severity: "refusal",
    code: "target-column-without-value",
    text: `Column ${name} of table ${table.name} is only on the target, where it is NOT NULL without a default: rows have no value for it.`,
    todo: "Give it a value with set, or a default on the target.",
  };
}

/** SHOW CREATE TABLE gives each column a line of its own; a comment, which may say anything, is its last part. */
function hasDefault(target: TableSchema, name: string): boolean {
  const line = target.createStatement.split("\n").find((candidate) => candidate.startsWith(`  ${quoteName(name)} `));
  return /\sDEFAULT\s/.test(line?.replace(/ COMMENT '.*$/, "") ?? "");
}

/** The key a load can rely on: the table's, when the target enforces it too; null: the load ledger is used. */
export function keyOnTarget(key: Key | null, target: TableSchema): Key | null {
  if (key === null) return null;
  const wanted = key.columns.map((name) => name.toLowerCase()).sort();
  const enforced = target.uniqueKeys.some((unique) => {
    const columns = unique.columns.map((name) => name.toLowerCase()).sort();
    return columns.length === wanted.length && columns.every((name, i) => name === wanted[i]);
  });
  return enforced ? key : null;
}

/** What a server that is about to take rows must be, whatever the table. `where` names it: a shard, or the target. */
export async function checkServer(session: Session, where: string): Promise<Finding[]> {
  const [row = {}] = await session.query(
    "SELECT version() AS version, @@global.read_only AS read_only, @@global.super_read_only AS super_read_only",
  );
  const findings: Finding[] = [];
  if ([row["read_only"], row["super_read_only"]].includes("1")) {
    findings.push({
      severity: "refusal",
      code: "target-read-only",
      text: `${where} is read only.`,
      todo: "See that it is the primary; switch read_only off there when it is.",
    });
  }
  const [major = 0, minor = 0, patch = 0] = (row["version"] ?? "").split(/[.-]/).map(Number);
  if (major < 8 || (major === 8 && minor === 0 && patch < 19)) {
    findings.push({
      severity: "refusal",
      code: "target-too-old",
      text: `${where} runs MySQL ${row["version"]}; timestamps are sent with their offset, which 8.0.19 was the first to take.`,
      todo: "Upgrade the target's MySQL to 8.0.19 or later.",
    });
  }
  return findings;
}

/** A table that rows are to go to; `resuming`: some may be there already. */
export interface TableToCheck {
  readonly table: LoadTable;
  readonly resuming: boolean;
}

/** Through vtgate a question costs two milliseconds, whether it is about one table or about several. */
const tablesAsked = 50;

/**
 * Looks at tables on one shard, in their order: is each there, empty unless `resuming`, and may we insert into these columns?
 * The statements that are tried insert no row.
 */
export async function checkTargetTables(
  session: Session,
  tables: readonly TableToCheck[],
  where: string,
): Promise<readonly (readonly Finding[])[]> {
  const found: (readonly Finding[])[] = [];
  for (let at = 0; at < tables.length; at += tablesAsked) {
    const some = tables.slice(at, at + tablesAsked);
    const filled = await filledTables(session, some);
    for (const order of some) found.push(await checkTargetTable(session, order, where, filled));
  }
  return found;
}

/** Which of these tables hold rows, by name; null when they cannot be asked together, as one of them is not there. */
async function filledTables(session: Session, tables: readonly TableToCheck[]): Promise<ReadonlySet<string> | null> {
  const asked = tables.filter(({ resuming }) => !resuming);
  if (asked.length === 0) return new Set();
  const one = ({ table: { name } }: TableToCheck, at: number): string =>
    `(SELECT ${at} AS asked FROM ${quoteName(name)} LIMIT 1)`;
  try {
    const rows = await session.query(asked.map(one).join(" UNION ALL "));
    return new Set(rows.map((row) => asked[Number(row["asked"])]?.table.name ?? ""));
  } catch (error) {
    if (Number(asVtpipeError(error).context["errno"] ?? 0) === 0) throw error;
    return null;
  }
}

async function checkTargetTable(
  session: Session,
  { table, resuming }: TableToCheck,
  where: string,
  filled: ReadonlySet<string> | null,
): Promise<Finding[]> {
  const name = quoteName(table.name);
  const columns = insertedCells(table).map(({ column }) => quoteName(column.name));
  try {
    const holdsRows = filled?.has(table.name) ?? (await session.query(`SELECT 1 FROM ${name} LIMIT 1`)).length > 0;
    if (holdsRows && !resuming) return [notEmpty(table, where)];
    await session.run(
      `INSERT INTO ${name} (${columns.join(", ")}) SELECT ${columns.join(", ")} FROM ${name} WHERE 1 = 0`,
    );
    return [];
  } catch (error) {
    return [refusalOf(error, table, where)];
  }
}

function notEmpty(table: LoadTable, where: string): Finding {
  return {
    table: table.name,
    severity: "refusal",
    code: "target-not-empty",
    text: `Table ${table.name} on ${where} is not empty.`,
    todo: "Empty it, or, to continue an earlier load, use that load's run directory.",
  };
}

function refusalOf(error: unknown, table: LoadTable, where: string): Finding {
  const cause = asVtpipeError(error);
  const errno = Number(cause.context["errno"] ?? 0);
  // Only an answer of the target is a finding; what else went wrong must not look like one.
  if (errno === 0) throw error;
  const place = { table: table.name, severity: "refusal" } as const;
  if (errno === 1146) {
    return {
      ...place,
      code: "target-table-missing",
      text: `Table ${table.name} is not on ${where}.`,
      todo: "Create it there; vtpipe schema apply does.",
    };
  }
  if (/enforce denied tables/.test(cause.message)) {
    return {
      ...place,
      code: "target-table-denied",
      text: `Vitess denies access to table ${table.name} on ${where} (rule "enforce denied tables"): a workflow is moving it.`,
      todo: `vtctldclient SetShardTabletControl --denied-tables ${table.name} --remove <keyspace>/<shard> primary, then RefreshStateByShard.`,
    };
  }
  return {
    ...place,
    code: "target-refuses-rows",
    text: `Table ${table.name} on ${where} would not take rows: ${cause.message}`,
    todo: cause.todo,
  };
}
