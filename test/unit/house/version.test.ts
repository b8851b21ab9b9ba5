import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { version } from "../../../src/version.ts";
import { root } from "./repository.ts";

test("the version in the code, the package and its lock file is one", () => {
  const read = (name: string): { version: string } => JSON.parse(readFileSync(join(root, name), "utf8"));
  expect(read("package.json").version).toBe(version);
  expect(read("package-lock.json").version).toBe(version);
});

test("the changelog begins with what is not released yet", () => {
  const headings = [...readFileSync(join(root, "CHANGELOG.md"), "utf8").matchAll(/^## (.+)$/gm)];
  expect(headings[0]?.[1]).toBe("Unreleased");
});
