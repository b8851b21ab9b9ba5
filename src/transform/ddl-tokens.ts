/** A piece of CREATE TABLE text; `lead` is the white space before it, so that joining tokens gives the text back. */
export interface Token {
  readonly kind: "name" | "string" | "word" | "mark";
  readonly lead: string;
  readonly text: string;
}

/** CREATE TABLE as three parts: everything up to the name, the items between the parentheses, everything after. */
export interface CreateTable {
  readonly items: readonly (readonly Token[])[];
  readonly tail: readonly Token[];
}

/** Version comments open and close as tokens of their own: what is in them counts, `/*!80023 INVISIBLE * /` too. */
const pattern =
  /(\s*)(?:(`(?:[^`]|``)*`)|('(?:[^'\\]|''|\\[\s\S])*')|(\/\*!\d*|\*\/|[(),=])|([^\s`'(),=*/]+|[\s\S]))/gy;

export function tokensOf(text: string): Token[] {
  return Array.from(text.trimEnd().matchAll(pattern), ([, lead = "", name, string, mark, word = ""]) => {
    if (name !== undefined) return { kind: "name", lead, text: name };
    if (string !== undefined) return { kind: "string", lead, text: string };
    return mark === undefined ? { kind: "word", lead, text: word } : { kind: "mark", lead, text: mark };
  });
}

export const textOf = (tokens: readonly Token[]): string => tokens.map(({ lead, text }) => lead + text).join("");

/** The name a name token stands for. */
export const nameIn = (token: Token): string => token.text.slice(1, -1).replaceAll("``", "`");

/** Is the token this word (case does not matter)? */
export const isWord = (token: Token | undefined, word: string): boolean =>
  token?.kind === "word" && token.text.toUpperCase() === word;

/** SHOW CREATE TABLE text in parts. Throws RangeError when it is not CREATE TABLE `name` ( … ) …. */
export function parseCreateTable(statement: string): CreateTable {
  const tokens = tokensOf(statement);
  const open = tokens.findIndex(({ text, kind }) => kind === "mark" && text === "(");
  if (!isWord(tokens[0], "CREATE") || open < 3 || tokens[open - 1]?.kind !== "name") {
    throw new RangeError("it does not begin with CREATE TABLE `name` (");
  }
  const close = closing(tokens, open);
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(open + 1, close)) {
    if (token.kind === "mark") depth += token.text === "(" ? 1 : token.text === ")" ? -1 : 0;
    if (depth === 0 && token.kind === "mark" && token.text === ",") items.push([]);
    else items.at(-1)?.push(token);
  }
  return { items, tail: tokens.slice(close + 1) };
}

/** Index of the parenthesis that closes the one at `open`. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.kind !== "mark") continue;
    if (token.text === "(") depth += 1;
    if (token.text === ")" && --depth === 0) return i;
  }
  throw new RangeError("a parenthesis is not closed");
}

/** First and last index of the first parenthesised group at or after `from`; null without one. */
export function firstGroup(tokens: readonly Token[], from = 0): { open: number; close: number } | null {
  const open = tokens.findIndex(({ kind, text }, i) => i >= from && kind === "mark" && text === "(");
  return open === -1 ? null : { open, close: closing(tokens, open) };
}
