/**
 * A JSON value as MySQL prints it: `", "` and `": "` between, object keys ordered by length in bytes, then by bytes.
 * Text is taken as JSON text. null when a number is not printed alike by both, or the text is no JSON.
 */
export function jsonText(value: unknown): string | null {
  if (typeof value !== "string") return print(value);
  try {
    // A number that JavaScript would round must not pass unseen.
    const rounded = /(?<!["\w.-])-?\d{16,}|\d\.\d{15,}/.test(value.replace(/"(?:[^"\\]|\\.)*"/g, '""'));
    return rounded ? null : print(JSON.parse(value));
  } catch {
    return null;
  }
}

function print(value: unknown): string | null {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return number(value);
  if (typeof value !== "object") return null;
  if (Array.isArray(value)) return joined("[", value.map(print), "]");
  const entries = Object.entries(value).map(([key, part]) => ({ key: Buffer.from(key), name: key, part: print(part) }));
  entries.sort((a, b) => a.key.length - b.key.length || a.key.compare(b.key));
  const members = entries.map(({ name, part }) => (part === null ? null : `${JSON.stringify(name)}: ${part}`));
  return joined("{", members, "}");
}

function number(value: number): string | null {
  if (Object.is(value, -0)) return null;
  if (Number.isSafeInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e-6 && size < 1e15 ? String(value) : null;
}

function joined(open: string, parts: readonly (string | null)[], close: string): string | null {
  return parts.includes(null) ? null : `${open}${parts.join(", ")}${close}`;
}
