import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { batchOf, cellsOf, columnsOf, rowsOf } from "../../support/rows.ts";

const shout = `
import { defineTransform } from "vtpipe";
import * as z from "zod";
import { suffix } from "./suffix.ts";

interface Parameters { column: string; mark: string }

export default defineTransform<Parameters>({
  name: "shout",
  purpose: "Writes a column in capitals.",
  parameters: z.strictObject({ column: z.string(), mark: z.string().default(suffix) }),
  plan({ column, mark }, input) {
    const { slot } = input.column(column);
    return {
      columns: input.columns,
      writes: [slot],
      rows(row) {
        const value = row.get(slot);
        if (value !== null) row.set(slot, Buffer.from(Buffer.from(value).toString().toUpperCase() + mark));
        return true;
      },
    };
  },
});
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-registry-"));
  const named = shout.replace("export default", "export const transform =").replace("<Parameters>", "");
  const files = {
    "shout.ts": shout,
    "suffix.ts": `export const suffix: string = "!";`,
    "named.mjs": named.replace(/interface.*/, ""),
    "plain.js": "export default (row) => row;",
    "none.ts": "export const other = 1;",
    "odd.ts": "export default { name: 'odd' };",
    "broken.ts": "export default {",
    "throws.ts": "throw new Error('no luck today');",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

const use = (module: string, parameters: unknown = {}) => ({
  name: "use",
  parameters: { module, parameters },
  path: "tables.rules.t.transforms[0].use",
});

describe("loadRegistry", () => {
  it.each(["./shout.ts", "./named.mjs"])("loads a module: %s", async (module) => {
    const steps = [use(module, { column: "a" })];
    const registry = await loadRegistry(steps, folder);
    const columns = columnsOf("id int", "a varchar(9)");
    const plan = planChain("t", columns, steps, registry);
    expect([plan.class, plan.decidedBy, plan.sources]).toEqual(["js-only", steps[0]?.path, [0, null]]);
    const out = plan.apply(batchOf([cellsOf("1", "ab"), cellsOf("2", null)]));
    expect(rowsOf(out, 2)).toEqual([cellsOf("1", "AB!"), cellsOf("2", null)]);
  });

  it("has the module's text in the fingerprint", async () => {
    const steps = [use("./shout.ts", { column: "a" })];
    const fingerprint = async () =>
      planChain("t", columnsOf("a varchar(9)"), steps, await loadRegistry(steps, folder)).fingerprint;
    const first = await fingerprint();
    expect(await fingerprint()).toBe(first);
    await writeFile(join(folder, "shout.ts"), `${shout}\n// changed`);
    expect(await fingerprint()).not.toBe(first);
  });

  it.each([
    ["./missing.ts", "there is no such file"],
    ["./plain.js", "exports a plain function"],
    ["./none.ts", "exports neither a default nor a `transform`"],
    ["./odd.ts", "exports something that is not a transform"],
    ["./broken.ts", "cannot be loaded"],
    ["./throws.ts", "no luck today"],
  ])("refuses %s", async (module, message) => {
    await expect(loadRegistry([use(module)], folder)).rejects.toThrow(message);
    await expect(loadRegistry([use(module)], folder)).rejects.toThrow("tables.rules.t.transforms[0].use.module: ");
  });

  it("checks a module's parameters and shows no value", async () => {
    const step = use("./shout.ts", { column: 5, mrk: "hush" });
    const registry = await loadRegistry([step], folder);
    expect(() => registry(step)).toThrow(
      /transforms\[0\]\.use\.parameters\.column: (.|\n)*parameters\.mrk: .*Did you mean "mark"\?/,
    );
    expect(() => registry(step)).not.toThrow(/hush/);
  });
});
