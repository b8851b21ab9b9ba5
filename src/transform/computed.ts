import type { Column } from "../contracts/schema.ts";
import { isZerofill, typedReference } from "../mysql/typed-reference.ts";
import { stepRefused } from "./step-refused.ts";

const tokens =
  /(\s+)|(`(?:[^`]|``)*`)|('(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*")|([A-Za-z_][A-Za-z0-9_$]*)|(--|\/\*|->|:=|[#;?@`'"])|([\s\S])/g;

/** What gives another value for the same row each time, or at another place. */
const changing = new Set(
  "now sysdate curdate curtime current_date current_time current_timestamp localtime localtimestamp utc_date utc_time utc_timestamp rand random_bytes uuid uuid_short connection_id user current_user session_user system_user current_role database schema version last_insert_id row_count found_rows sleep benchmark get_lock release_lock release_all_locks load_file values".split(
    " ",
  ),
);
const statements = new Set(["select", "from", "union", "into", "over", "insert", "update", "delete", "table"]);
/** After these a quoted text is a literal of another sort, or says its character set already. */
const prefixes = /^(_[a-z0-9]+|x|b|n|date|time|timestamp)$/i;

/**
 * A user's expression as SQL that has the same value over the source's row and with the row's values in place of its
 * columns: references get their column's type back, texts say that they are utf8mb4, the result is of `column`'s type.
 * Throws a `config` error for what is not an expression over one row.
 */
export function computedExpression(
  table: string,
  columns: readonly Column[],
  column: Column,
  expression: string,
  path: string,
): string {
  const refuse = (message: string, todo: string): never => {
    throw stepRefused(table, path, message, todo, column.name);
  };
  const byName = new Map(columns.map((c) => [c.name.toLowerCase(), c]));
  let depth = 0;
  let sql = "";
  let last = "";
  const matches = [...expression.matchAll(tokens)];
  for (const [at, [all, space, name, text, word, forbidden]] of matches.entries()) {
    if (space !== undefined) {
      sql += " ";
      continue;
    }
    if (forbidden !== undefined) {
      refuse(`The expression has ${forbidden} in it.`, "Write one plain expression; JSON_EXTRACT serves for ->.");
    }
    if (name !== undefined) {
      const found = byName.get(name.slice(1, -1).replaceAll("``", "`").toLowerCase());
      sql += found === undefined ? unknown(name) : reference(found);
    } else if (text !== undefined) sql += prefixes.test(last) ? text : utf8Literal(text);
    else if (word !== undefined) {
      const next = matches.slice(at + 1).find((match) => match[1] === undefined)?.[0];
      const lower = word.toLowerCase();
      if (statements.has(lower)) refuse(`The expression has ${word} in it.`, "Write one expression over one row.");
      if (changing.has(lower) && (next === "(" || /^(current_|local|utc_)/.test(lower))) {
        refuse(`${word} has another value each time, so catch-up would not give what the copy gave.`, "Leave it out.");
      }
      if (byName.has(lower) && next !== "(" && !/^as$/i.test(last)) {
        refuse(`The expression has ${word} in it, which is a column.`, `Write \`${word}\` in backticks.`);
      }
      sql += word;
    } else {
      depth += all === "(" ? 1 : all === ")" ? -1 : 0;
      if (depth < 0 || (depth === 0 && all === ",")) refuse("The expression is more than one.", "Close parentheses.");
      sql += all;
    }
    last = all;
  }
  if (depth !== 0 || sql.trim() === "") refuse("The expression is not complete.", "Close its parentheses.");
  return typed(column, sql.trim(), refuse);

  function unknown(name: string): never {
    return refuse(`The source's table "${table}" has no column ${name}.`, `It has: ${[...byName.keys()].join(", ")}.`);
  }

  function reference(found: Column): string {
    if (found.kind === "bit" || isZerofill(found)) {
      refuse(`Column "${found.name}" is ${found.type}, which VReplication gives to expressions in another form.`, "");
    }
    return typedOperand(found);
  }
}

const escapes: Readonly<Record<string, string>> = { "0": "\0", b: "\b", n: "\n", r: "\r", t: "\t", Z: "\x1a" };

/** A quoted text that says its character set; as bytes when it has more than ASCII, so that no session reads others. */
function utf8Literal(quoted: string): string {
  const quote = quoted[0] as string;
  const text = quoted.slice(1, -1).replace(/\\([\s\S])|''|""/g, (pair, escaped: string | undefined) => {
    if (escaped === undefined) return pair[0] === quote ? quote : pair;
    return escaped === "%" || escaped === "_" ? pair : (escapes[escaped] ?? escaped);
  });
  return /^[ -~]*$/.test(text) ? `_utf8mb4${quoted}` : `_utf8mb4 x'${Buffer.from(text).toString("hex")}'`;
}

/** Beyond a typed reference: numbers and times that compute as those of the column do. */
function typedOperand(column: Column): string {
  const value = typedReference(column);
  switch (column.kind) {
    case "decimal":
      return `CAST(${value} AS DECIMAL${/\([^)]*\)/.exec(column.type)?.[0] ?? ""})`;
    case "double":
      return `CAST(${value} AS DOUBLE)`;
    case "date":
      return `CAST(${value} AS DATE)`;
    case "datetime":
    case "timestamp":
      return `CAST(${value} AS DATETIME(${column.fsp ?? 0}))`;
    case "time":
      return `CAST(${value} AS TIME(${column.fsp ?? 0}))`;
    case "year":
      // Vitess's parser knows no CAST to YEAR.
      return `CAST(${value} AS UNSIGNED)`;
    default:
      return value;
  }
}

/** A value of the column's type, so that it prints as the column will. */
function typed(column: Column, sql: string, refuse: (message: string, todo: string) => never): string {
  const argument = /\([^)]*\)/.exec(column.type)?.[0] ?? "";
  if (isZerofill(column)) return refuse(`${column.type} cannot be computed.`, "Use the type without zerofill.");
  switch (column.kind) {
    case "integer":
      return `CAST(${sql} AS ${column.unsigned ? "UNSIGNED" : "SIGNED"})`;
    case "decimal":
      return `CAST(${sql} AS DECIMAL${argument === "" ? "(10,0)" : argument})`;
    case "date":
      return `CAST(${sql} AS DATE)`;
    case "datetime":
    case "timestamp":
      return `CAST(${sql} AS DATETIME(${column.fsp ?? 0}))`;
    case "time":
      return `CAST(${sql} AS TIME(${column.fsp ?? 0}))`;
    case "year":
      return `LPAD(CAST(${sql} AS UNSIGNED), 4, '0')`;
    case "json":
      return `CAST(${sql} AS JSON)`;
    case "text": {
      const text = `CONVERT(${sql} USING utf8mb4)`;
      return /^char\b/i.test(column.type) ? `TRIM(TRAILING _utf8mb4' ' FROM ${text})` : text;
    }
    case "enum":
    case "set":
      return `CONVERT(${sql} USING utf8mb4)`;
    case "binary":
      return `CAST(${sql} AS BINARY${/^binary/i.test(column.type) ? `(${column.length ?? 1})` : ""})`;
    case "float":
    case "double":
      // -1e-300/3 as an expression prints as -3.33333333333333e-301, in a column as -3.3333333333333334e-301.
      return refuse(
        `A computed ${column.type} prints with fewer digits than a stored one, so its bytes would not be the target's.`,
        "Choose DECIMAL.",
      );
    case "bit":
    case "geometry":
    case "vector":
      return refuse(`A ${column.type} cannot be computed.`, "Choose a number, text, binary, JSON or temporal type.");
  }
}
