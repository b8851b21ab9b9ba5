export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * A document as MySQL prints it, so that what is inserted reads back the same: keys by length in bytes and then by
 * bytes, a blank after colon and comma. Numbers: whole ones, and fractions short enough to be printed as they are.
 */
export function jsonText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value as Record<string, Json>).map(([key, one]) => ({ key: keyOf(key), one }));
  members.sort((a, b) => a.key.bytes.length - b.key.bytes.length || Buffer.compare(a.key.bytes, b.key.bytes));
  return `{${members.map(({ key, one }) => key.text + jsonText(one)).join(", ")}}`;
}

interface Key {
  readonly bytes: Buffer;
  readonly text: string;
}

/** Documents have few keys, and always the same. */
const keys = new Map<string, Key>();
const MOST_KEYS = 1000;

function keyOf(key: string): Key {
  let found = keys.get(key);
  if (found === undefined) {
    if (keys.size === MOST_KEYS) keys.clear();
    found = { bytes: Buffer.from(key), text: `${JSON.stringify(key)}: ` };
    keys.set(key, found);
  }
  return found;
}
