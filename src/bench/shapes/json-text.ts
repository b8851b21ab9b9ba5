export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * A document as MySQL prints it, so that what is inserted reads back the same: keys by length in bytes and then by
 * bytes, a blank after colon and comma. Numbers: whole ones, and fractions short enough to be printed as they are.
 */
export function jsonText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value as Record<string, Json>).map(([key, one]) => ({ key: Buffer.from(key), one }));
  members.sort((a, b) => a.key.length - b.key.length || Buffer.compare(a.key, b.key));
  return `{${members.map(({ key, one }) => `${JSON.stringify(key.toString())}: ${jsonText(one)}`).join(", ")}}`;
}
