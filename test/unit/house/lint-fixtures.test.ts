import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, toolOutput } from "./repository.ts";

/**
 * One piece of code per rule that must be refused. Some of these rules are still in Biome's nursery: a new version may
 * move or rename one, and a rule that is not there any more refuses nothing.
 */
const fixtures: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  noFloatingPromises: {
    "src/floating.ts": "async function work(): Promise<number> {\n  return 1;\n}\nwork();\n",
  },
  noMisusedPromises: {
    "src/misused.ts": "export const twice = [1, 2].filter(async (one) => one > 1);\n",
  },
  noImportCycles: {
    "src/hen.ts": 'import { egg } from "./egg.ts";\n\nexport const hen = (): number => egg();\n',
    "src/egg.ts": 'import { hen } from "./hen.ts";\n\nexport const egg = (): number => hen();\n',
  },
  useExhaustiveSwitchCases: {
    "src/switch.ts":
      'type Side = "source" | "target";\n\nexport function port(side: Side): number {\n  switch (side) {\n    case "source":\n      return 3306;\n  }\n  return 0;\n}\n',
  },
  noConsole: {
    "src/prints.ts": 'console.log("only bin prints");\n',
  },
  noNonNullAssertion: {
    "src/trusting.ts": "export const first = (list: readonly string[]): string => list[0]!;\n",
  },
};

let folder: string;
let findings: readonly { readonly category: string; readonly severity: string; readonly location: { path: unknown } }[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vtpipe-lint-"));
  cpSync(join(root, "biome.json"), join(folder, "biome.json"));
  for (const files of Object.values(fixtures)) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  const biome = join(root, "node_modules/.bin/biome");
  findings = JSON.parse(toolOutput(biome, ["lint", "--reporter=json", "."], folder)).diagnostics;
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(fixtures))("%s refuses what it is there for", (rule, files) => {
  const found = findings.filter(({ category }) => category.endsWith(`/${rule}`));
  expect(found.length, `no finding of ${rule}: has Biome moved or renamed it? See biome.json`).toBeGreaterThan(0);
  for (const { severity, location } of found) {
    expect(severity).toBe("error");
    expect(Object.keys(files)).toContain(String((location.path as { file?: string }).file ?? location.path));
  }
});
