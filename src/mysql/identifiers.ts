/** A name as SQL: in backticks, whatever characters it holds. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** A table as SQL; without a database it is the session's own. */
export function quoteTable(database: string | null, table: string): string {
  return database === null ? quoteName(table) : `${quoteName(database)}.${quoteName(table)}`;
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\n": "\\n",
  "\r": "\\r",
  "\x1a": "\\Z",
  "\\": "\\\\",
  "'": "''",
};

/**
 * Text as a string literal in the session's character set (utf8mb4 in every session of ours). Backslashes are escaped,
 * so the session's sql_mode must not have NO_BACKSLASH_ESCAPES; sessions pin it.
 */
export function quoteString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters MySQL wants escaped
  return `'${text.replace(/[\0\n\r\x1a\\']/g, (character) => escapes[character] as string)}'`;
}
