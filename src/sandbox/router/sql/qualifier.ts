import { isOperator, isWord, nameOf, type Token } from "./tokens.ts";

const beforeTable = [
  "FROM",
  "JOIN",
  "INTO",
  "UPDATE",
  "TABLE",
  "EXISTS",
  "DESC",
  "DESCRIBE",
  "TRUNCATE",
  "LIKE",
  "ON",
  "IN",
];

/**
 * The statement without the keyspace's own name before table names, as vtgate sends it to a shard, whose database has
 * another name. Only places that must be table names are touched: `ks.t` after FROM, INTO, …, and `ks.t.column`.
 */
export function stripKeyspace(text: string, tokens: readonly Token[], keyspace: string): string {
  let stripped = "";
  let kept = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined || nameOf(text, token) !== keyspace || !isOperator(tokens[i + 1], ".")) continue;
    const next = tokens[i + 2];
    if (next === undefined || isOperator(tokens[i - 1], ".")) continue;
    const threePart = isOperator(tokens[i + 3], ".");
    if (!threePart && !isWord(tokens[i - 1], ...beforeTable)) continue;
    stripped += text.slice(kept, token.start);
    kept = next.start;
  }
  return stripped + text.slice(kept);
}
