import { type Keyspace, tableOf } from "../keyspace.ts";
import { refusal, SqlError } from "../refusal.ts";
import { literalInput, type VindexInput } from "../sql/literals.ts";
import { advance, type Cursor, nameOf, openCursor, tokensOf } from "../sql/tokens.ts";
import type { Plan } from "./plan.ts";
import { refuseOwnedVindexes, type Sharding, shardingOf } from "./sharding.ts";

/** Routes every row by the table's primary vindex. The literals of the rows are kept byte for byte. */
export function planInsert(text: string, keyspace: Keyspace): Plan {
  const cursor = openCursor(text);
  const { table, columns, head } = readHead(cursor, keyspace.name);
  refuseOwnedVindexes(keyspace, table);
  const sharding = shardingOf(keyspace, table);
  const position = columns.indexOf(sharding.column);
  if (position < 0) {
    const message = `VT09003: INSERT query does not have primary vindex column '${sharding.column}' in the column list`;
    throw new SqlError(1105, "HY000", message);
  }
  checkAutoIncrement(keyspace, table, columns);
  const groups = new Map<string, string[]>();
  const increment = tableOf(keyspace, table)?.autoIncrementColumn?.toLowerCase();
  readRows(cursor, columns, position, increment === undefined ? -1 : columns.indexOf(increment), (row, value) => {
    const shard = placed(sharding, value);
    const rows = groups.get(shard);
    if (rows === undefined) groups.set(shard, [row]);
    else rows.push(row);
  });
  const tail = readTail(text.slice(cursor.start), sharding);
  const statements = new Map([...groups].map(([shard, rows]) => [shard, `${head} ${rows.join(", ")}${tail}`]));
  const [only] = statements;
  if (statements.size === 1 && only !== undefined) return { kind: "shard", shard: only[0], sql: only[1], writes: true };
  return { kind: "write", statements };
}

function placed(sharding: Sharding, value: VindexInput | null): string {
  if (value === null) throw refusal(`an expression or inexact literal for the sharding column "${sharding.column}"`);
  const shard = sharding.shardOf(value);
  if (shard !== null) return shard;
  const shown = value.kind === "null" ? "NULL" : value.bytes.toString("utf8").slice(0, 40);
  throw new SqlError(1105, "HY000", `VT09023: could not map [${shown}] to a keyspace id`);
}

function checkAutoIncrement(keyspace: Keyspace, table: string, columns: readonly string[]): void {
  const column = tableOf(keyspace, table)?.autoIncrementColumn;
  if (column !== null && column !== undefined && !columns.includes(column.toLowerCase())) {
    throw refusal(`filling the auto_increment column "${column}" from its sequence`);
  }
}

function readHead(cursor: Cursor, keyspace: string): { table: string; columns: string[]; head: string } {
  const { text } = cursor;
  const word = (): string => (cursor.kind === "word" ? text.slice(cursor.start, cursor.end).toUpperCase() : "");
  advance(cursor);
  if (word() === "REPLACE") throw refusal("REPLACE INTO a sharded keyspace");
  advance(cursor);
  while (["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO"].includes(word())) advance(cursor);
  let nameStart = cursor.start;
  const nameFrom = cursor.start;
  let table = nameOf(text, cursor);
  advance(cursor);
  if (operator(cursor, ".")) {
    if (table !== keyspace) throw refusal(`a table of the keyspace "${table ?? ""}"`);
    advance(cursor);
    nameStart = cursor.start;
    table = nameOf(text, cursor);
    advance(cursor);
  }
  if (table === null) throw refusal("this form of INSERT");
  if (!operator(cursor, "(")) {
    if (word() === "VALUES" || word() === "VALUE") throw refusal("INSERT without a column list");
    throw refusal(`INSERT ${word() === "" ? "in this form" : `… ${word()}`}`);
  }
  const columns = readColumns(cursor);
  if (word() !== "VALUES" && word() !== "VALUE") throw refusal(`INSERT … ${word() === "" ? "in this form" : word()}`);
  return { table, columns, head: text.slice(0, nameFrom) + text.slice(nameStart, cursor.end) };
}

function readColumns(cursor: Cursor): string[] {
  const columns: string[] = [];
  advance(cursor);
  for (;;) {
    const name = nameOf(cursor.text, cursor);
    if (name === null) throw refusal("this column list of an INSERT");
    columns.push(name.toLowerCase());
    advance(cursor);
    if (operator(cursor, ")")) break;
    if (!operator(cursor, ",")) throw refusal("a qualified name in the column list of an INSERT");
    advance(cursor);
  }
  advance(cursor);
  return columns;
}

function operator(cursor: Cursor, value: string): boolean {
  return (
    cursor.kind === "operator" &&
    cursor.text.startsWith(value, cursor.start) &&
    cursor.end - cursor.start === value.length
  );
}

/** Reads `(…), (…)`; leaves the cursor on the first token after the last row. */
function readRows(
  cursor: Cursor,
  columns: readonly string[],
  wanted: number,
  increment: number,
  onRow: (row: string, value: VindexInput | null) => void,
): void {
  for (;;) {
    advance(cursor);
    if (!operator(cursor, "(")) throw refusal("this form of VALUES");
    const start = cursor.start;
    const value = readRow(cursor, columns.length, wanted, increment);
    onRow(cursor.text.slice(start, cursor.end), value);
    advance(cursor);
    if (!operator(cursor, ",")) return;
  }
}

/** Leaves the cursor on the row's closing parenthesis. */
function readRow(cursor: Cursor, count: number, wanted: number, increment: number): VindexInput | null {
  const { text } = cursor;
  let depth = 1;
  let column = 0;
  let tokens = 0;
  let negative = false;
  let value: VindexInput | null = null;
  while (depth > 0) {
    advance(cursor);
    refuseInRow(cursor);
    const atTop = depth === 1;
    if (operator(cursor, "(")) depth++;
    else if (operator(cursor, ")")) depth--;
    if (depth === 0) break;
    if (atTop && operator(cursor, ",")) {
      column++;
      tokens = 0;
      continue;
    }
    tokens++;
    if (column === increment) refuseGenerated(cursor, tokens);
    if (column !== wanted) continue;
    if (tokens === 1) {
      negative = operator(cursor, "-");
      value = negative ? null : literalInput(cursor.kind, text.slice(cursor.start, cursor.end), false);
    } else if (tokens === 2 && negative && cursor.kind === "number") {
      value = literalInput(cursor.kind, text.slice(cursor.start, cursor.end), true);
    } else value = null;
  }
  const given = tokens === 0 && column === 0 ? 0 : column + 1;
  if (given !== count) {
    throw new SqlError(1136, "21S01", "VT03006: column count does not match value count with the row");
  }
  return value;
}

/** NULL, 0 and DEFAULT make Vitess take the next value of the column's sequence. */
function refuseGenerated(cursor: Cursor, tokens: number): void {
  const text = cursor.text.slice(cursor.start, cursor.end).toUpperCase();
  if (tokens === 1 && (text === "NULL" || text === "DEFAULT" || text === "0")) {
    throw refusal(`${text} in an auto_increment column with a sequence`);
  }
}

function refuseInRow(cursor: Cursor): void {
  if (cursor.kind === "end" || cursor.kind === "bad")
    throw new SqlError(1064, "42000", "syntax error: a row of VALUES does not end");
  if (cursor.kind === "executable") throw refusal("an executable comment");
  if (cursor.kind === "variable") throw refusal("a variable in VALUES");
  if (cursor.kind !== "word" || cursor.end - cursor.start !== 6) return;
  if (cursor.text.slice(cursor.start, cursor.end).toUpperCase() === "SELECT") throw refusal("a subquery in VALUES");
}

/** What may follow the rows: nothing, or ON DUPLICATE KEY UPDATE that leaves rows on their shard. */
function readTail(tail: string, sharding: Sharding): string {
  const tokens = tokensOf(tail);
  if (tokens.length === 0 || (tokens.length === 1 && tokens[0]?.value === ";")) return "";
  for (const [i, token] of tokens.entries()) {
    if (["variable", "executable", "bad"].includes(token.kind) || token.value === "SELECT" || token.value === ";") {
      throw refusal("this clause after VALUES");
    }
    const assigned = tokens[i + 1]?.value === "=" && ["UPDATE", ",", "."].includes(tokens[i - 1]?.value ?? "");
    if (assigned && nameOf(tail, token)?.toLowerCase() === sharding.column) {
      throw refusal(`changing the sharding column "${sharding.column}"`);
    }
  }
  const first = tokens[0];
  if (first?.value !== "ON" && first?.value !== "AS") throw refusal(`"${first?.value ?? ""}" after VALUES`);
  return ` ${tail}`;
}
