import type { ColumnFates } from "./ddl-columns.ts";
import { firstGroup, isWord, nameIn, type Token, textOf } from "./ddl-tokens.ts";

/** A key or constraint line on the target, or why it is not there. */
export type KeyLine =
  | { readonly line: string }
  | { readonly what: "index" | "check" | "foreign key"; readonly name: string; readonly why: string };

/** An index, check or foreign key item after the chain. */
export function keyLine(item: readonly Token[], fates: ColumnFates, keepForeignKeys: boolean): KeyLine {
  const group = firstGroup(item);
  if (group === null) return { line: textOf(item).trimStart() };
  const inside = item.slice(group.open, group.close + 1);
  const { dropped, written, retyped } = fates.touched(inside);
  const what = whatOf(item);
  const nameToken = item.slice(0, group.open).find(({ kind }) => kind === "name");
  const name = nameToken === undefined ? "PRIMARY" : nameIn(nameToken);
  const gone = dropped.length === 0 ? null : `${list(dropped)} left out by a transform`;
  const changed = written.length === 0 ? null : `${list(written)} changed by a transform`;
  if (what === "foreign key") {
    const chosen = keepForeignKeys ? null : "foreign keys are not created (schema.foreignKeys: drop)";
    const why = chosen ?? gone ?? changed;
    if (why !== null) return { what, name, why };
  } else if (what === "check") {
    const why = gone ?? changed;
    if (why !== null) return { what, name, why: `${why}; the condition was made for other values` };
  } else {
    const special = inside.some(
      ({ text }, i) => i > 0 && i < inside.length - 1 && text === "(" && !isPrefix(inside, i),
    );
    const typed = item.some((token) => isWord(token, "FULLTEXT") || isWord(token, "SPATIAL"));
    const retypedWhy =
      retyped.length > 0 && (special || typed) ? `${list(retyped)} given another type by a transform` : null;
    const why = gone ?? retypedWhy;
    if (why !== null) return { what, name, why };
  }
  const head = item.slice(0, group.open);
  const renamed = fates.renamed(withoutBadPrefixes(inside, fates));
  return { line: textOf([...head, ...renamed, ...item.slice(group.close + 1)]).trimStart() };
}

function whatOf(item: readonly Token[]): "index" | "check" | "foreign key" {
  if (!isWord(item[0], "CONSTRAINT")) return "index";
  return item.some((token, i) => i < 4 && isWord(token, "FOREIGN")) ? "foreign key" : "check";
}

/** Is the parenthesis at `i` the length of a key prefix, as in (`email`(10))? */
function isPrefix(tokens: readonly Token[], i: number): boolean {
  return tokens[i - 1]?.kind === "name" && /^\d+$/.test(tokens[i + 1]?.text ?? "") && tokens[i + 2]?.text === ")";
}

/** A prefix of a column that is no longer text, or no longer than the prefix, is an error to MySQL. */
function withoutBadPrefixes(tokens: readonly Token[], fates: ColumnFates): Token[] {
  const kept: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.text === "(" && isPrefix(tokens, i)) {
      const fate = fates.of(nameIn(tokens[i - 1] as Token));
      const length = Number(tokens[i + 1]?.text);
      const column = fate?.column;
      const fits = (column?.kind === "text" || column?.kind === "binary") && (column.length ?? 0) >= length;
      if (fate?.retyped === true && !fits) {
        i += 2;
        continue;
      }
    }
    kept.push(token);
  }
  return kept;
}

function list(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`).join(", ");
  return names.length === 1 ? `column ${quoted} is` : `columns ${quoted} are`;
}
