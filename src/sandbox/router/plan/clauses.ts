import { refusal } from "../refusal.ts";
import { isOperator, isWord, nameOf, type Token } from "../sql/tokens.ts";

/** Words that make a statement more than one table's own business. */
const foreignWords = [
  "SELECT",
  "WITH",
  "UNION",
  "EXCEPT",
  "INTERSECT",
  "JOIN",
  "STRAIGHT_JOIN",
  "WINDOW",
  "INTO",
  "PROCEDURE",
];

/** Refuses, by name, what no single-table statement holds; `from` skips the words a statement legitimately begins with. */
export function refuseForeign(tokens: readonly Token[], from: number): void {
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined) continue;
    if (token.kind === "bad") throw refusal("a statement with an unterminated literal or comment");
    if (token.kind === "executable") throw refusal("an executable comment");
    if (token.kind === "variable" && !token.value.startsWith("@@")) throw refusal("a user variable");
    if (isWord(token, ...foreignWords)) {
      throw refusal(token.value === "SELECT" ? "a subquery" : `${token.value} in an untargeted session`);
    }
    if (isWord(token, "OVER") && i > 0) throw refusal("a window function over shards");
  }
}

/** A statement cut at the words of `cuts` outside of parentheses; the clause before the first cut is "". */
export function clausesOf(tokens: readonly Token[], from: number, cuts: readonly string[]): Map<string, Token[]> {
  const clauses = new Map<string, Token[]>();
  let current: Token[] = [];
  clauses.set("", current);
  let depth = 0;
  for (const token of tokens.slice(from)) {
    if (isOperator(token, "(")) depth++;
    if (isOperator(token, ")")) depth--;
    if (isOperator(token, ";")) continue;
    if (depth === 0 && isWord(token, ...cuts)) {
      if (clauses.has(token.value)) throw refusal(`a second ${token.value}`);
      current = [];
      clauses.set(token.value, current);
    } else current.push(token);
  }
  return clauses;
}

/** `t`, `ks.t`, each with an optional alias and index hints: the table's name. */
export function singleTable(text: string, tokens: readonly Token[], keyspace: string): string {
  let at = 0;
  let name = tokens[0] === undefined ? null : nameOf(text, tokens[0]);
  if (isOperator(tokens[1], ".")) {
    if (name !== keyspace) throw refusal(`a table of "${name ?? ""}"`);
    name = tokens[2] === undefined ? null : nameOf(text, tokens[2]);
    at = 2;
  }
  if (name === null) throw refusal("a derived table");
  at++;
  if (isWord(tokens[at], "AS")) at++;
  const hint = (token: Token | undefined): boolean => isWord(token, "USE", "FORCE", "IGNORE");
  const alias = tokens[at];
  if (alias !== undefined && !hint(alias) && nameOf(text, alias) !== null && !isWord(alias, "PARTITION")) at++;
  const rest = tokens.slice(at);
  if (
    rest.length > 0 &&
    !(hint(rest[0]) && rest.every((token) => !isWord(token, "PARTITION")) && isOperator(rest.at(-1), ")"))
  ) {
    throw refusal(isOperator(rest[0], ",") ? "a join" : "this table reference");
  }
  return name;
}
