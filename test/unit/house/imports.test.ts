import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, root } from "./repository.ts";

/**
 * What each room may import besides itself. Read downwards: a room imports rooms above it. Stages (source, store,
 * transform, load, verify) never import each other, because run composes them; nobody but bin imports run.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "src/contracts": [],
  // The built-in transforms use what a user's module may use, and nothing else.
  transforms: ["src/contracts"],
  "src/mysql": ["src/contracts"],
  "src/vitess": ["src/contracts", "src/mysql"],
  // Validates the parameters of configured transforms and documents them.
  "src/config": ["src/contracts", "transforms"],
  "src/source": ["src/contracts", "src/mysql"],
  "src/store": ["src/contracts", "src/mysql"],
  "src/transform": ["src/contracts", "src/mysql", "transforms"],
  "src/load": ["src/contracts", "src/mysql", "src/vitess"],
  "src/verify": ["src/contracts", "src/mysql", "src/vitess"],
  "src/handoff": ["src/contracts", "src/mysql", "src/vitess"],
  "src/follow": ["src/contracts", "src/mysql"],
  // Servers to try vtpipe on. Its stand-in router places rows by the very vindexes the loader uses.
  "src/sandbox": ["src/contracts", "src/mysql", "src/vitess"],
  // The bench's pure parts: test tables, figures, the page. bench/ measures with them.
  "src/bench": ["src/contracts", "src/mysql"],
  "src/run": [
    ...["src/contracts", "src/mysql", "src/vitess", "src/config", "src/sandbox", "src/bench", "src/version.ts"],
    ...["src/source", "src/store", "src/transform", "src/load", "src/verify", "src/handoff", "src/follow"],
  ],
  bin: ["src/contracts", "src/config", "src/run", "src/sandbox", "src/version.ts"],
  "src/version.ts": [],
  // Chains on rows without servers, for users' own tests.
  "src/testing": ["src/contracts", "src/config", "src/mysql", "src/transform"],
  // What a user's module may import from `vtpipe`.
  "src/index.ts": ["src/contracts", "src/config"],
};

/** Packages that one room hides from the rest. */
const packages: Readonly<Record<string, readonly string[]>> = {
  mysql2: ["src/mysql", "src/sandbox"],
  "@mysql/xdevapi": ["src/mysql", "src/sandbox"],
  "@grpc/grpc-js": ["src/vitess"],
  protobufjs: ["src/vitess"],
  "zstd-napi": ["src/store", "src/mysql"],
  piscina: ["src/run"],
  "stream-chain": ["src/run", "src/transform"],
  commander: ["bin"],
  picocolors: ["bin"],
};

interface Import {
  readonly file: string;
  readonly from: string;
}

/** Every import, re-export and dynamic import of a file with a plain text as its source. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.matchAll(/^(?:import|export)\b[^;'"`]*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm);
  return [...found].map(([, fixed, dynamic]) => ({ file, from: fixed ?? dynamic ?? "" }));
}

/** `src/load`, `bin`, or the file itself for one that stands in src alone. */
function roomOf(path: string): string {
  const [top = "", room = ""] = path.split("/");
  return top === "src" ? `${top}/${room}` : top;
}

const imports = ["bin", "src", "transforms"]
  .flatMap(filesBelow)
  .filter((file) => file.endsWith(".ts"))
  .flatMap(importsOf);
const local = imports
  .filter(({ from }) => from.startsWith("."))
  .map(({ file, from }) => ({ file, to: normalize(join(dirname(file), from)) }));

test("every file belongs to a room with a rule", () => {
  const rooms = new Set(imports.map(({ file }) => roomOf(file)));
  expect([...rooms].filter((room) => allowed[room] === undefined)).toEqual([]);
  expect(local.length).toBeGreaterThan(500);
});

test("rooms import only what they may", () => {
  const violations = local.flatMap(({ file, to }) => {
    const room = roomOf(file);
    if (roomOf(to) === room || allowed[room]?.includes(roomOf(to))) return [];
    return [`${file} imports ${to}, but ${room} may import only itself and ${allowed[room]?.join(", ") || "packages"}`];
  });
  expect(violations, "move what is shared to src/contracts, or let src/run pass it in").toEqual([]);
});

test("packages stay in their rooms", () => {
  const violations = imports.flatMap(({ file, from }) => {
    const name = from.split("/", from.startsWith("@") ? 2 : 1).join("/");
    const rooms = packages[name];
    return rooms === undefined || rooms.includes(roomOf(file))
      ? []
      : [`${file} imports ${from}, which is for ${rooms}`];
  });
  expect(violations).toEqual([]);
});

test("only bin prints, and the sandbox's processes, whose owner reads what they print", () => {
  const prints = ["src", "transforms"]
    .flatMap(filesBelow)
    .filter((file) => /\bconsole\.|process\.std(?:out|err)\b/.test(readFileSync(join(root, file), "utf8")));
  expect(prints).toEqual(["src/sandbox/router/main.ts"]);
});
