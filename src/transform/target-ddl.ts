import { VtpipeError } from "../contracts/errors.ts";
import type { TableSchema, Unmoved } from "../contracts/schema.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { brokenReferences, columnDefinition, columnFates, columnLine } from "./ddl-columns.ts";
import { keyLine } from "./ddl-keys.ts";
import { tailAfter } from "./ddl-partitions.ts";
import { type CreateTable, nameIn, parseCreateTable, textOf } from "./ddl-tokens.ts";
import type { ChainPlan } from "./plan-chain.ts";

export interface TargetDdlOptions {
  readonly autoIncrement: "keep" | "remove";
  readonly foreignKeys: "keep" | "drop";
}

export interface TargetDdl {
  /** CREATE TABLE without a semicolon. */
  readonly sql: string;
  /** Keys, checks, foreign keys and partitioning of the source's table that are not in `sql`. */
  readonly unmoved: readonly Unmoved[];
}

/**
 * CREATE TABLE for the target: the source's own SHOW CREATE TABLE text, edited only where the chain changes something,
 * so that everything MySQL knows of a table survives. Throws a `config` error when a column that stays is computed from
 * one that does not.
 */
export function targetDdl(
  table: TableSchema,
  plan: ChainPlan,
  targetName: string,
  options: TargetDdlOptions,
): TargetDdl {
  const { items, tail } = parsed(table);
  const fates = columnFates(table.columns, plan);
  const columns: string[] = [];
  const keys: string[] = [];
  const unmoved: Unmoved[] = [];
  for (const item of items) {
    const [first] = item;
    if (first?.kind === "name") {
      const fate = fates.of(nameIn(first));
      if (fate === null) continue;
      if (!fate.retyped) refuseBroken(table.name, nameIn(first), brokenReferences(item, fates));
      columns.push(columnLine(item, fate, fates, options.autoIncrement === "keep"));
      continue;
    }
    const made = keyLine(item, fates, options.foreignKeys === "keep");
    if ("line" in made) keys.push(made.line);
    else unmoved.push({ what: made.what, name: `${table.name}.${made.name}`, why: made.why });
  }
  const added = plan.tableColumns.filter(({ from }) => from === null);
  columns.push(...added.map(({ column }) => columnDefinition(column, null)));
  const { tokens, unpartitioned } = tailAfter(tail, fates);
  if (unpartitioned !== null) unmoved.push({ what: "partitioning", name: table.name, why: unpartitioned });
  const lines = [...columns, ...keys].map((line) => `  ${line}`).join(",\n");
  return { sql: `CREATE TABLE ${quoteName(targetName)} (\n${lines}\n)${textOf(tokens)}`, unmoved };
}

function parsed(table: TableSchema): CreateTable {
  try {
    return parseCreateTable(table.createStatement);
  } catch (cause) {
    throw new VtpipeError({
      code: "internal",
      message: `The CREATE TABLE text of "${table.name}" was not understood: ${cause instanceof Error ? cause.message : cause}.`,
      now: "Nothing was changed.",
      todo: "Create the target table by hand, and report this with the output of SHOW CREATE TABLE.",
      context: { table: table.name },
      cause,
    });
  }
}

function refuseBroken(table: string, column: string, broken: { names: string[]; generated: boolean }): void {
  if (broken.names.length === 0) return;
  const how = broken.generated ? "is generated from" : "has a default computed from";
  throw new VtpipeError({
    code: "config",
    message: `Table "${table}": column "${column}" ${how} "${broken.names.join('", "')}", which a transform drops or changes.`,
    now: "Nothing was changed.",
    todo: `Drop "${column}" too, or leave "${broken.names.join('", "')}" as it is.`,
    context: { table, column },
  });
}
