import { describe, expect, it } from "vitest";
import { planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { builtIns } from "../../../transforms/index.ts";
import { columnsOf } from "../../support/rows.ts";
import { inOwnDatabase } from "../mysql/own-database.ts";
import { type Proof, prove } from "./proof.ts";
import { proofs } from "./proofs.ts";

describe("SQL twins", () => {
  it.each(Object.entries(proofs))("%s", async (name, proof: Proof) => {
    const plan = await prove(name.replace(/\W+/g, "_"), proof);
    expect(["sql-twin", "identity"]).toContain(plan.class);
  });

  it("of map fails on a value without a mapping, so that the stream stops", async () => {
    const columns = columnsOf("v varchar(5)");
    const step = { name: "map", parameters: { column: "v", values: { m: "male" } }, path: "map" };
    const plan = planChain("t", columns, [step], await loadRegistry([], "/"));
    await inOwnDatabase("proof_map_error", async (session) => {
      await session.run("SET NAMES binary");
      const twin = plan.twins.get(0);
      expect(await session.query(`SELECT ${twin} AS v FROM (SELECT 'm' AS v) AS t`)).toEqual([{ v: "male" }]);
      expect(await session.query(`SELECT ${twin} AS v FROM (SELECT NULL AS v) AS t`)).toEqual([{ v: null }]);
      await expect(session.query(`SELECT ${twin} AS v FROM (SELECT 'x' AS v) AS t`)).rejects.toThrow("Invalid JSON");
    });
  });

  it("are proven for every transform that says it has one", () => {
    const proven = new Set(Object.values(proofs).flatMap(({ steps }) => steps.flatMap(Object.keys)));
    const promised = [...builtIns.values()].filter(({ facts }) => !facts?.twin.startsWith("None"));
    expect(promised.map(({ name }) => name).filter((name) => !proven.has(name))).toEqual([]);
  });
});
