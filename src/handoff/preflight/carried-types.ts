import type { Finding } from "../../contracts/finding.ts";
import type { Column } from "../../contracts/schema.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import { type CheckedTable, type HandoffCheck, refusal, warning } from "./facts.ts";

/**
 * What VReplication does not carry exactly, found by trying every type on real streams (`test/vitess/streams.test.ts`). What would differ without a word is
 * refused; what only some values of a type do is warned of.
 */
export const checkCarriedTypes: HandoffCheck = ({ tables, servers }) => {
  const lenient = servers.some(({ variables }) => /ALLOW_INVALID_DATES/.test(variables.get("sql_mode") ?? ""));
  return tables
    .filter(({ lane }) => lane !== "still")
    .flatMap((table) => [
      ...keyless(table),
      ...floatKey(table),
      ...members(table),
      ...json(table),
      ...(lenient ? dates(table) : []),
    ]);
};

/** Without a key rows are found by all their values: those with NULL, FLOAT or JSON never, and of equal rows all at once. */
function keyless({ schema, source }: CheckedTable): Finding[] {
  if (schema.uniqueKeys.length > 0) return [];
  return [
    refusal(
      "keyless-table",
      `Table ${source} has no primary key and no unique key over NOT NULL columns: VReplication would change other rows than the source did.`,
      "Give it a primary key, or name it in handoff.follow.",
      source,
    ),
  ];
}

/** The text of a FLOAT does not compare equal to it, so that updates and deletes reach no row. */
function floatKey(table: CheckedTable): Finding[] {
  return keyColumns(table)
    .filter(({ kind }) => kind === "float")
    .map(({ name }) =>
      refusal(
        "float-key",
        `Column ${name} in the key of table ${table.source} is a FLOAT: VReplication would not find the rows it has to change.`,
        "Make it a DOUBLE or DECIMAL, or name the table in handoff.follow.",
        table.source,
      ),
    );
}

/**
 * Vitess has the members as information_schema prints them, in utf8mb3, and writes those bytes: a member whose bytes in the
 * column's own character set are others is lost.
 */
function members(table: CheckedTable): Finding[] {
  return read(table)
    .filter(({ kind }) => kind === "enum" || kind === "set")
    .filter((column) => !carriesMembers(column, definitionOf(table, column)))
    .map(({ name, kind, charset }) =>
      refusal(
        "member-charset",
        `Column ${name} of table ${table.source} is ${kind === "enum" ? "an ENUM" : "a SET"} with members whose bytes in ${charset} are not those in utf8mb3: VReplication would write something else for them.`,
        "Change the column to CHARACTER SET utf8mb3 or rename those members, or name the table in handoff.follow.",
        table.source,
      ),
    );
}

function carriesMembers({ charset }: Column, definition: string): boolean {
  if (charset === null || charset === "utf8mb3" || charset === "binary") return true;
  if (charset === "utf8mb4") return !/[\u{10000}-\u{10ffff}]/u.test(definition);
  if (/^(utf16|utf16le|utf32|ucs2)$/.test(charset)) return false;
  return /^[\x20-\x7e]*$/.test(definition);
}

/** As SHOW CREATE TABLE has it, which information_schema cuts to utf8mb3; without the remark at its end. */
function definitionOf({ schema }: CheckedTable, { name, type }: Column): string {
  const line = schema.createStatement.split("\n").find((text) => text.startsWith(`  ${quoteName(name)} `));
  return line?.replace(/ COMMENT '.*$/, "").slice(quoteName(name).length + 2) ?? type;
}

function json(table: CheckedTable): Finding[] {
  const names = read(table)
    .filter(({ kind }) => kind === "json")
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    warning(
      "json-scalars",
      `Table ${table.source} has JSON (${names.join(", ")}): in documents VReplication makes decimals of doubles and strings of dates and times, and it never gets past a binary value.`,
      "See by `vtpipe plan --scan` whether there are such documents, and let `vtpipe vdiff` tell whether any has arrived; or name the table in handoff.follow.",
      table.source,
    ),
  ];
}

/** They become zero dates; a stream that looks for one in a key stops. */
function dates(table: CheckedTable): Finding[] {
  const names = read(table)
    .filter(({ kind }) => kind === "date" || kind === "datetime")
    .map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    warning(
      "impossible-dates",
      `The source takes dates that no calendar has (ALLOW_INVALID_DATES), and table ${table.source} has dates (${names.join(", ")}): VReplication writes 0000-00-00 for them.`,
      "Look for such dates, and take ALLOW_INVALID_DATES off the source's sql_mode; or name the table in handoff.follow.",
      table.source,
    ),
  ];
}

/** Columns that rows are found by. */
function keyColumns({ schema }: CheckedTable): Column[] {
  const names = schema.primaryKey.length > 0 ? schema.primaryKey : (schema.uniqueKeys[0]?.columns ?? []);
  return schema.columns.filter(({ name }) => names.includes(name));
}

/** Columns of the source that a stream of the table looks at. */
function read({ schema, verbatim, columns, filter }: CheckedTable): readonly Column[] {
  const texts = [...columns.map(({ expression }) => expression), filter ?? ""];
  return schema.columns.filter(
    ({ name, generated }) => generated === null && (verbatim || texts.some((text) => text.includes(quoteName(name)))),
  );
}
