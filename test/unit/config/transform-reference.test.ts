import { describe, expect, it } from "vitest";
import { transformReference } from "../../../src/config/transform-reference.ts";
import { builtIns } from "../../../transforms/index.ts";

describe("transformReference", () => {
  const reference = transformReference();

  it.each([...builtIns.values()].map((definition) => [definition.name, definition] as const))(
    "tells all of %s",
    (name, { facts, purpose }) => {
      const page = reference.slice(reference.indexOf(`**${name}** – ${purpose}`)).split("\n**")[0] ?? "";
      expect(page).toContain("| parameter | takes | default | meaning |");
      expect(page).toMatch(/^Takes: .+\. NULL: .+ SQL twin: .+ Collisions: .+$/m);
      for (const text of [facts?.nulls, facts?.twin, facts?.collisions, purpose]) expect(text).toMatch(/^[A-Z`].*\.$/s);
    },
  );

  it("tells of conditions and of modules", () => {
    expect(reference).toContain("startsWith, endsWith, contains, matches");
    expect(reference).toContain("**use** – ");
    expect(reference).not.toContain("undefined");
  });
});
