/**
 * The lexical grammar of MySQL statements, as far as finding where literals, names and clauses begin and end needs it.
 * Statements are handled as latin1 text (one character per byte), so literals keep their exact bytes; all characters
 * that matter are ASCII, which no byte of a UTF-8 sequence equals. sql_mode ANSI_QUOTES and NO_BACKSLASH_ESCAPES would
 * change this grammar: Vitess refuses both, and so does the router.
 */
export type TokenKind =
  | "word" // SELECT, id, _utf8mb4, 1a
  | "name" // `a``b`
  | "string" // 'a''b', "a\"b"
  | "number" // 1, 1.5, 1e3
  | "hex" // x'0f', 0x0f
  | "bit" // b'01', 0b01
  | "variable" // @a, @@b, @@session.c
  | "operator" // = < ( ) , ; …
  | "executable" // a comment that MySQL runs: /*! … */
  | "bad" // an unterminated string, name or comment
  | "end";

/** A place in a statement; {@link advance} moves it. One object per statement, so long INSERTs make no garbage. */
export interface Cursor {
  readonly text: string;
  kind: TokenKind;
  start: number;
  end: number;
}

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** Words in upper case, names unquoted (as UTF-8), everything else as written. */
  readonly value: string;
}

export function openCursor(text: string): Cursor {
  return { text, kind: "end", start: 0, end: 0 };
}

const wordCharacter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f ||
  code === 0x24 ||
  code >= 0x80;

const digit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const operators3 = ["<=>", "->>"];
const operators2 = ["<=", ">=", "<>", "!=", ":=", "||", "&&", "<<", ">>", "->"];

export function advance(cursor: Cursor): TokenKind {
  const { text } = cursor;
  const at = skipBlank(cursor, cursor.end);
  if (at < 0) return cursor.kind;
  cursor.start = at;
  if (at >= text.length) return become(cursor, "end", at);
  const code = text.charCodeAt(at);
  const following = text.charCodeAt(at + 1);
  if (code === 0x27 || code === 0x22) return quoted(cursor, at, "string");
  if (code === 0x60) return quoted(cursor, at, "name");
  if (code === 0x40) return variable(cursor, at);
  if (digit(code) || (code === 0x2e && digit(following) && !afterName(cursor, at))) return number(cursor, at);
  if (wordCharacter(code)) {
    const letter = code | 0x20;
    if (following === 0x27 && letter === 0x78) return quoted(cursor, at + 1, "hex");
    if (following === 0x27 && letter === 0x62) return quoted(cursor, at + 1, "bit");
    return become(cursor, "word", wordEnd(text, at));
  }
  const three = text.slice(at, at + 3);
  if (operators3.includes(three)) return become(cursor, "operator", at + 3);
  if (operators2.includes(three.slice(0, 2))) return become(cursor, "operator", at + 2);
  return become(cursor, "operator", at + 1);
}

function become(cursor: Cursor, kind: TokenKind, end: number): TokenKind {
  cursor.kind = kind;
  cursor.end = end;
  return kind;
}

/** `t.1a` is a name after a dot, not the number .1 */
function afterName(cursor: Cursor, at: number): boolean {
  return cursor.end === at && (cursor.kind === "word" || cursor.kind === "name");
}

function wordEnd(text: string, from: number): number {
  let at = from;
  while (wordCharacter(text.charCodeAt(at))) at++;
  return at;
}

/** Where the next token begins; -1 when the cursor was put on an executable or unterminated comment. */
function skipBlank(cursor: Cursor, from: number): number {
  const { text } = cursor;
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) at++;
    else if (
      code === 0x23 ||
      (code === 0x2d && text.charCodeAt(at + 1) === 0x2d && !(text.charCodeAt(at + 2) > 0x20))
    ) {
      const line = text.indexOf("\n", at);
      at = line < 0 ? text.length : line + 1;
    } else if (code === 0x2f && text.charCodeAt(at + 1) === 0x2a) {
      const close = text.indexOf("*/", at + 2);
      const end = close < 0 ? text.length : close + 2;
      const runs = text.charCodeAt(at + 2) === 0x21 || text.slice(at + 2, at + 4) === "M!";
      if (close < 0 || runs) {
        cursor.start = at;
        become(cursor, close < 0 ? "bad" : "executable", end);
        return -1;
      }
      at = end;
    } else return at;
  }
}

function quoted(cursor: Cursor, from: number, kind: TokenKind): TokenKind {
  const { text } = cursor;
  const quote = text[from] ?? "'";
  let at = from + 1;
  for (;;) {
    const close = text.indexOf(quote, at);
    if (close < 0) return become(cursor, "bad", text.length);
    if (kind === "string") {
      const slash = text.indexOf("\\", at);
      if (slash >= 0 && slash < close) {
        at = slash + 2;
        continue;
      }
    }
    if (text[close + 1] !== quote) return become(cursor, kind, close + 1);
    at = close + 2;
  }
}

function variable(cursor: Cursor, from: number): TokenKind {
  const { text } = cursor;
  let at = from + (text[from + 1] === "@" ? 2 : 1);
  const quote = text[at];
  if (quote === "'" || quote === '"' || quote === "`") {
    const kind = quoted(cursor, at, quote === "`" ? "name" : "string");
    return kind === "bad" ? kind : become(cursor, "variable", cursor.end);
  }
  while (wordCharacter(text.charCodeAt(at)) || text[at] === ".") at++;
  return become(cursor, "variable", at);
}

function number(cursor: Cursor, from: number): TokenKind {
  const { text } = cursor;
  const prefix = text.slice(from, from + 2);
  if (prefix === "0x" || prefix === "0b") {
    const end = wordEnd(text, from);
    const body = text.slice(from + 2, end);
    if (prefix === "0x" && /^[0-9a-f]+$/i.test(body)) return become(cursor, "hex", end);
    if (prefix === "0b" && /^[01]+$/.test(body)) return become(cursor, "bit", end);
  }
  let at = from;
  while (digit(text.charCodeAt(at))) at++;
  if (text[at] === ".") {
    at++;
    while (digit(text.charCodeAt(at))) at++;
  }
  const exponent = /^e[+-]?[0-9]+/i.exec(text.slice(at, at + 12));
  if (exponent !== null) {
    at += exponent[0].length;
    while (digit(text.charCodeAt(at))) at++;
  }
  return wordCharacter(text.charCodeAt(at)) ? become(cursor, "word", wordEnd(text, at)) : become(cursor, "number", at);
}

/** The value of the token the cursor is on. */
export function tokenValue(cursor: Cursor): string {
  const raw = cursor.text.slice(cursor.start, cursor.end);
  if (cursor.kind === "word") return raw.toUpperCase();
  if (cursor.kind === "name") return unquoteName(raw);
  return raw;
}

/** A name token or a bare word as the name it denotes, in UTF-8. */
export function nameOf(text: string, token: { kind: TokenKind; start: number; end: number }): string | null {
  const raw = text.slice(token.start, token.end);
  if (token.kind === "name") return unquoteName(raw);
  return token.kind === "word" ? utf8(raw) : null;
}

function unquoteName(raw: string): string {
  return utf8(raw.slice(1, -1).replaceAll("``", "`"));
}

export function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

/** All tokens of a statement, for statements short enough to hold them. */
export function tokensOf(text: string): Token[] {
  const cursor = openCursor(text);
  const tokens: Token[] = [];
  while (advance(cursor) !== "end") {
    tokens.push({ kind: cursor.kind, start: cursor.start, end: cursor.end, value: tokenValue(cursor) });
    if (cursor.kind === "bad") break;
  }
  return tokens;
}

/** Is this token the (unquoted) word? */
export function isWord(token: Token | undefined, ...words: string[]): boolean {
  return token !== undefined && token.kind === "word" && words.includes(token.value);
}

export function isOperator(token: Token | undefined, value: string): boolean {
  return token !== undefined && token.kind === "operator" && token.value === value;
}
