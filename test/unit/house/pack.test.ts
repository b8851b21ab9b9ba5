import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, toolOutput } from "./repository.ts";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
};
const built = existsSync(join(root, "dist/bin/vtpipe.js"));

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

// npm takes seconds to start, more on a busy machine.
test.skipIf(!built)(
  "the package holds the compiled program, its documents and nothing else",
  { timeout: 60_000 },
  () => {
    const [packed] = JSON.parse(
      toolOutput("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], root),
    ) as Packed[];
    const paths = (packed?.files ?? []).map(({ path }) => path);
    const entries = new Set(paths.map((path) => path.split("/").slice(0, 2).join("/")));
    expect([...entries].toSorted()).toEqual([
      "ARCHITECTURE.md",
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/bin",
      "dist/src",
      "dist/transforms",
      "package.json",
    ]);
    const kinds = new Set(
      paths.filter((path) => path.startsWith("dist/")).map((path) => /(?:\.d)?\.\w+(?:\.map)?$/.exec(path)?.[0]),
    );
    const common = [".cjs", ".cjs.map", ".d.cts", ".d.cts.map"];
    expect([...kinds].toSorted()).toEqual([...common, ".d.ts", ".d.ts.map", ".js", ".js.map"]);
    const imported = [".", "./testing"].flatMap((name) => Object.values(manifest.exports[name] ?? {}));
    expect(imported).toHaveLength(4);
    const wanted = [manifest.bin["vtpipe"], ...imported];
    expect(paths).toEqual(expect.arrayContaining(wanted.map((path) => String(path).replace("./", ""))));
  },
);

test("the program's file names its interpreter, so that npm can link it", () => {
  // The compiler writes it without the executable bit; npm sets that when it links a package's bin.
  expect(manifest.bin).toEqual({ vtpipe: "dist/bin/vtpipe.js" });
  expect(readFileSync(join(root, "bin/vtpipe.ts"), "utf8").split("\n")[0]).toBe("#!/usr/bin/env node");
});
