import { describe, expect, it } from "vitest";
import { builtIns } from "../../../transforms/index.ts";
import { type Proof, prove } from "./proof.ts";
import { proofs } from "./proofs.ts";

describe("SQL twins", () => {
  it.each(Object.entries(proofs))("%s", async (name, proof: Proof) => {
    const plan = await prove(name.replace(/\W+/g, "_"), proof);
    expect(["sql-twin", "identity"]).toContain(plan.class);
  });

  it("are proven for every transform that says it has one", () => {
    const proven = new Set(Object.values(proofs).flatMap(({ steps }) => steps.flatMap(Object.keys)));
    const promised = [...builtIns.values()].filter(({ facts }) => !facts?.twin.startsWith("None"));
    expect(promised.map(({ name }) => name).filter((name) => !proven.has(name))).toEqual([]);
  });
});
