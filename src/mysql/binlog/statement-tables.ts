/** A table as a statement names it; `database` is null where the statement leaves it to the session. */
export interface NamedTable {
  readonly database: string | null;
  readonly table: string;
}

/** What a logged statement means for tables that are followed. */
export type StatementEffect =
  /** Nothing: accounts, views, statistics, new tables. */
  | { readonly kind: "none" }
  /** These tables are not what they were: altered, emptied, renamed, dropped. */
  | { readonly kind: "tables"; readonly tables: readonly NamedTable[] }
  /** All tables of a database are gone. */
  | { readonly kind: "database"; readonly database: string }
  /** Rows may have been changed by the statement itself, which no row event tells about. */
  | { readonly kind: "rows" };

const none: StatementEffect = { kind: "none" };

const pattern =
  /\s+|--[ \t][^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?\*\/|\/\*!\d*|\*\/|`((?:[^`]|``)*)`|'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|([\p{L}\p{N}_$\u0080-\uffff]+)|([\s\S])/gu;

/** A word, a quoted name, a sign, or a text whose content does not matter. */
interface Token {
  readonly kind: "word" | "name" | "sign" | "text";
  readonly text: string;
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const [all, quoted, word, sign] of sql.matchAll(pattern)) {
    if (quoted !== undefined) tokens.push({ kind: "name", text: quoted.replaceAll("``", "`") });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    // ANSI_QUOTES: a double-quoted text may be a name.
    else if (all.startsWith('"')) tokens.push({ kind: "name", text: all.slice(1, -1).replaceAll('""', '"') });
    else if (all.startsWith("'")) tokens.push({ kind: "text", text: "" });
  }
  return tokens;
}

/** What statements in the log may do without anything to follow; by their first word. */
const harmless = new Set(
  "analyze optimize repair check checksum flush grant revoke set use reset install uninstall savepoint release binlog import".split(
    " ",
  ),
);
/** What CREATE, ALTER and DROP may be about besides tables, indexes and databases. */
const otherThings = new Set(
  "user role view trigger procedure function event server tablespace undo logfile resource spatial definer algorithm sql aggregate instance library".split(
    " ",
  ),
);

/** Reads a statement from the log, as far as it concerns tables. */
export function statementEffect(sql: string): StatementEffect {
  const tokens = tokensOf(sql);
  const lower = (i: number): string => {
    const token = tokens[i];
    return token?.kind === "word" ? token.text.toLowerCase() : "";
  };
  const verb = lower(0);
  if (tokens.length === 0 || harmless.has(verb)) return none;
  switch (verb) {
    case "truncate":
      return { kind: "tables", tables: namesAt(lower(1) === "table" ? 2 : 1) };
    case "rename":
      return lower(1) === "table" || lower(1) === "tables" ? { kind: "tables", tables: allNamesAfter(2) } : none;
    case "create":
    case "alter":
    case "drop":
      return definition();
    default:
      return { kind: "rows" };
  }

  function definition(): StatementEffect {
    // CREATE DEFINER = … VIEW, CREATE OR REPLACE …, CREATE UNIQUE INDEX, DROP TEMPORARY TABLE
    for (let i = 1; i < tokens.length; i++) {
      const word = lower(i);
      if (word === "temporary") return none;
      if (word === "database" || word === "schema") return verb === "drop" ? droppedDatabase(i + 1) : none;
      if (word === "index") return { kind: "tables", tables: namesAfterOn(i + 1) };
      if (word === "spatial" && lower(i + 1) !== "reference") continue;
      if (word === "table" || word === "tables") return tableStatement(i + 1);
      if (word === "or" && lower(i + 1) === "replace" && lower(i + 2) === "spatial") return none;
      if (otherThings.has(word)) return none;
    }
    return none;
  }

  function tableStatement(at: number): StatementEffect {
    // A new table is no followed one: before it could be, the followed one has gone, and that was told.
    if (verb === "create") return none;
    if (verb === "drop") return { kind: "tables", tables: namesAt(at) };
    const [altered] = namesAt(at);
    return { kind: "tables", tables: [...(altered ? [altered] : []), ...namesAfterWords(at)] };
  }

  function droppedDatabase(at: number): StatementEffect {
    const skip = lower(at) === "if" ? at + 2 : at;
    return { kind: "database", database: tokens[skip]?.text ?? "" };
  }

  /** `a`, `d`.`a`, and further ones after commas, from a place on. */
  function namesAt(from: number): NamedTable[] {
    const names: NamedTable[] = [];
    let at = from;
    while (lower(at) === "if" || lower(at) === "not" || lower(at) === "exists") at++;
    for (;;) {
      const found = nameAt(at);
      if (found === null) return names;
      names.push(found.name);
      if (tokens[found.next]?.text !== ",") return names;
      at = found.next + 1;
    }
  }

  function nameAt(at: number): { name: NamedTable; next: number } | null {
    const first = tokens[at];
    if (first === undefined || first.kind === "sign" || first.kind === "text") return null;
    const second = tokens[at + 2];
    if (tokens[at + 1]?.text === "." && tokens[at + 1]?.kind === "sign" && second !== undefined) {
      return { name: { database: first.text, table: second.text }, next: at + 3 };
    }
    return { name: { database: null, table: first.text }, next: at + 1 };
  }

  function allNamesAfter(from: number): NamedTable[] {
    const names: NamedTable[] = [];
    for (let at = from; at < tokens.length; ) {
      const found = lower(at) === "to" ? null : nameAt(at);
      if (found !== null) names.push(found.name);
      at = found?.next ?? at + 1;
    }
    return names;
  }

  function namesAfterOn(from: number): NamedTable[] {
    for (let at = from; at < tokens.length; at++) if (lower(at) === "on") return namesAt(at + 1).slice(0, 1);
    return [];
  }

  /** ALTER TABLE … RENAME TO b, … EXCHANGE PARTITION p WITH TABLE c. */
  function namesAfterWords(from: number): NamedTable[] {
    const names: NamedTable[] = [];
    for (let at = from; at < tokens.length; at++) {
      const renames = lower(at) === "rename" && !["column", "index", "key"].includes(lower(at + 1));
      const exchanges = lower(at) === "with" && lower(at + 1) === "table";
      if (!renames && !exchanges) continue;
      const skip = exchanges || ["to", "as"].includes(lower(at + 1)) ? at + 2 : at + 1;
      names.push(...namesAt(skip).slice(0, 1));
    }
    return names;
  }
}
