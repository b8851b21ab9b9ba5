import { advance, openCursor, type Token, tokenValue } from "./tokens.ts";

const headTokens = 24;
const headCharacters = 65_536;

/** The first tokens of a statement, enough to know what it is; long statements are not read whole for that. */
export function headOf(sql: Buffer): { text: string; tokens: Token[] } {
  const text = sql.toString("latin1", 0, Math.min(sql.length, headCharacters));
  const cursor = openCursor(text);
  const tokens: Token[] = [];
  while (tokens.length < headTokens && advance(cursor) !== "end" && cursor.kind !== "bad") {
    tokens.push({ kind: cursor.kind, start: cursor.start, end: cursor.end, value: tokenValue(cursor) });
  }
  return { text, tokens };
}

/** A name for a statement in refusals: its first words, never its data. */
export function statementName(tokens: readonly Token[]): string {
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind !== "word" || words.length === 3) break;
    words.push(token.value);
  }
  return words.length === 0 ? "this statement" : words.join(" ");
}
