import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type BusyHandoff, newBusyHandoff } from "../support/busy-handoff.ts";

const { kind, description } = inject("vtgate");
if (kind !== "vitess") process.stderr.write(`SKIPPED: a twin that is none; the target is the ${description}\n`);

/** A user's transform whose SQL does not say what its JavaScript does: nothing before the first change of a row shows it. */
const module = `import { defineTransform } from "vtpipe";
import * as z from "zod";
export default defineTransform({
  name: "shout",
  purpose: "Capital letters while rows are copied, small ones once VReplication makes them.",
  parameters: z.strictObject({}),
  plan(_, input) {
    const { slot } = input.column("full_name");
    return {
      columns: input.columns,
      writes: [slot],
      rows(row) {
        row.set(slot, Buffer.from(Buffer.from(row.get(slot)).toString().toUpperCase()));
        return true;
      },
      twin: (sql) => new Map([[slot, \`LOWER(\${sql(slot)})\`]]),
    };
  },
});
`;

describe.skipIf(kind !== "vitess")("a transform that differs from its SQL twin", { timeout: 900_000 }, () => {
  const prefix = "twin_";
  let handoff: BusyHandoff;
  beforeAll(async () => {
    const steps = [{ use: { module: "./shout.mjs" } }];
    handoff = await newBusyHandoff(prefix, 1000, {
      names: ["people"],
      steps,
      files: { "shout.mjs": module },
      longestMs: 300_000,
    });
  });
  afterAll(() => handoff?.[Symbol.asyncDispose]());

  test("is found by vdiff once a row has changed: with 3, by key and column; and nothing is switched", async () => {
    const ran = await handoff.succeeds("run");
    expect(ran.summary?.tables.map(({ verified }) => verified)).toEqual([true]);
    await handoff.succeeds("handoff");
    const { host, port, user, password, database } = inject("source");
    const source = await createConnection({ host, port, user, password, database });
    await source.query(`UPDATE ${prefix}people SET salary = salary + 1000 WHERE id = 4`);
    await source.end();

    const found = await handoff.run("vdiff");
    expect(found.exitCode).toBe(3);
    expect(found.error?.message).toContain(`${prefix}people (1 different)`);
    const differences = found.events.filter(({ type }) => type === "difference");
    expect(differences).toEqual([
      { type: "difference", table: `${prefix}people`, key: "4", columns: ["full_name"], what: "different" },
    ]);
    const refused = await handoff.run("switch", "--writers-fenced");
    expect(refused.error?.message).toContain("found differences");
  });
});
