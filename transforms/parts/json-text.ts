/**
 * Changes to JSON text as MySQL prints it (`{"a": 1, "bb": [2]}`, keys by length and then bytes) that leave the rest of
 * the text alone: parsed and printed again, large integers, decimals and doubles would come out different.
 */

/** A member of an object in the text: from its key's quote to the end of its value. */
interface Member {
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  /** The key as printed, quotes and escapes included. */
  readonly key: string;
}

/** The keys of a path like `$.a."b c"`; null when it is none. */
export function keysOfPath(path: string): string[] | null {
  if (!/^\$(\.([\p{L}_$][\p{L}\p{N}_$]*|"(?:[^"\\]|\\.)*"))+$/u.test(path)) return null;
  try {
    return Array.from(path.matchAll(/\.([^".]+|"(?:[^"\\]|\\.)*")/gu), ([, leg = ""]) =>
      leg.startsWith('"') ? (JSON.parse(leg) as string) : leg,
    );
  } catch {
    return null;
  }
}

/** As JSON_SET with `add`, as JSON_REPLACE without. `value` is printed as MySQL does. */
export function withMember(text: string, keys: readonly string[], value: string, add: boolean): string {
  const parent = objectAt(text, keys.slice(0, -1));
  if (parent === null) return text;
  const key = JSON.stringify(keys.at(-1));
  const members = membersAt(text, parent);
  const found = members.find((member) => member.key === key);
  if (found !== undefined) return text.slice(0, found.valueStart) + value + text.slice(found.end);
  if (!add) return text;
  const made = `${key}: ${value}`;
  const next = members.find((member) => order(key, member.key) < 0);
  if (next !== undefined) return `${text.slice(0, next.start)}${made}, ${text.slice(next.start)}`;
  const last = members.at(-1);
  if (last === undefined) return `${text.slice(0, parent + 1)}${made}${text.slice(parent + 1)}`;
  return `${text.slice(0, last.end)}, ${made}${text.slice(last.end)}`;
}

/** As JSON_REMOVE. */
export function withoutMember(text: string, keys: readonly string[]): string {
  const parent = objectAt(text, keys.slice(0, -1));
  if (parent === null) return text;
  const key = JSON.stringify(keys.at(-1));
  const members = membersAt(text, parent);
  const at = members.findIndex((member) => member.key === key);
  const [found, next, before] = [members[at], members[at + 1], members[at - 1]];
  if (found === undefined) return text;
  if (next !== undefined) return text.slice(0, found.start) + text.slice(next.start);
  return text.slice(0, before?.end ?? found.start) + text.slice(found.end);
}

/** Where the object at the end of the path begins; null when something on the way is missing or no object. */
function objectAt(text: string, keys: readonly string[]): number | null {
  let at = 0;
  for (const name of keys) {
    if (text[at] !== "{") return null;
    const key = JSON.stringify(name);
    const found = membersAt(text, at).find((member) => member.key === key);
    if (found === undefined) return null;
    at = found.valueStart;
  }
  return text[at] === "{" ? at : null;
}

function membersAt(text: string, object: number): Member[] {
  const members: Member[] = [];
  let start = object + 1;
  while (text[start] === '"') {
    const keyEnd = stringEnd(text, start);
    const valueStart = keyEnd + 2;
    const end = valueEnd(text, valueStart);
    members.push({ start, valueStart, end, key: text.slice(start, keyEnd) });
    start = end + 2;
    if (text[end] !== ",") break;
  }
  return members;
}

function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first !== "{" && first !== "[") {
    let at = start;
    while (at < text.length && text[at] !== "," && text[at] !== "}" && text[at] !== "]") at += 1;
    return at;
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') at = stringEnd(text, at) - 1;
    else if (sign === "{" || sign === "[") depth += 1;
    else if ((sign === "}" || sign === "]") && --depth === 0) return at + 1;
  }
  throw new RangeError("the JSON text ends too soon");
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  throw new RangeError("the JSON text ends too soon");
}

/** MySQL's order of keys: by length in bytes, then by bytes. Both as printed. */
function order(a: string, b: string): number {
  const [left, right] = [a, b].map((key) => Buffer.from(JSON.parse(key) as string)) as [Buffer, Buffer];
  return left.length - right.length || left.compare(right);
}
