import fc from "fast-check";

/** As a config names one, where this is no template. */
const variable = (name: string): string => `\${${name}}`;

/** Names that mean something to JavaScript, to files or to SQL. */
const hostileNames = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "length",
  "",
  "..",
  "/",
  "`",
  "'",
  "\0",
];
const hostileNumbers = [-1, 0.5, 1e308, -1e308, 2 ** 53, 2 ** 53 - 1, -0, 4_294_967_296];
const hostileTexts = [
  "",
  "NaN",
  "1e308",
  "-1",
  "../x",
  "/etc/passwd",
  "C:\\x",
  "a\0b",
  "' OR 1=1 -- ",
  variable("HOME"),
  variable("constructor"),
  "\ud800",
  "x".repeat(5000),
];

/** JSON that is not what anybody expects. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, [], {}, ...hostileNumbers, ...hostileTexts),
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(fc.constantFrom(...hostileNames), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }),
  // Deeper than any recursion should go.
  fc.integer({ min: 50, max: 200 }).map((depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as unknown),
);

/** A change of one place of a JSON value: which place is told by numbers, so that it fits any value. */
export interface Mutation {
  readonly what: "replace" | "remove" | "add" | "double";
  readonly path: readonly number[];
  readonly name: string;
  readonly value: unknown;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  what: fc.constantFrom("replace", "replace", "replace", "remove", "add", "double"),
  path: fc.array(fc.nat(50), { maxLength: 7 }),
  name: fc.oneof(fc.constantFrom(...hostileNames), fc.string({ maxLength: 8 })),
  value: hostileJson,
});

/** A copy of a JSON value with these changes, made one after the other. */
export function mutated(value: unknown, mutations: readonly Mutation[]): unknown {
  return mutations.reduce(mutatedOnce, structuredClone(value));
}

type Place = Record<string, unknown>;

function mutatedOnce(root: unknown, { what, path, name, value }: Mutation): unknown {
  const holder: Place = { root };
  let parent = holder;
  let key = "root";
  for (const step of path) {
    const here = parent[key];
    if (typeof here !== "object" || here === null) break;
    const keys = Object.keys(here);
    if (keys.length === 0) break;
    parent = here as Place;
    key = keys[step % keys.length] as string;
  }
  const set = (place: Place, at: string, to: unknown): void => {
    // Plain assignment of `__proto__` would not make a key.
    Object.defineProperty(place, at, { value: to, enumerable: true, configurable: true, writable: true });
  };
  if (what === "replace") set(parent, key, value);
  if (what === "remove" && Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (what === "remove") delete parent[key];
  if (what === "add" && typeof parent[key] === "object" && parent[key] !== null) {
    if (Array.isArray(parent[key])) (parent[key] as unknown[]).push(value);
    else set(parent[key] as Place, name, value);
  }
  if (what === "double" && Array.isArray(parent)) (parent as unknown as unknown[]).push(parent[key]);
  return holder["root"] ?? null;
}
