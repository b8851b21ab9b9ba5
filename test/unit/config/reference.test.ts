import { describe, expect, it } from "vitest";
import { configReference } from "../../../src/config/reference.ts";
import { builtIns } from "../../../transforms/index.ts";

describe("configReference", () => {
  const reference = configReference();

  it("has every key with type, default and meaning", () => {
    expect(reference).toContain(
      "| `source.lockTimeoutSeconds` | a whole number from 1 to 300 | `5` | How long the snapshot may wait for, and hold, its lock before it gives up. |",
    );
    expect(reference).toContain("| `version` | 1 | required |");
    expect(reference).toContain("| `workers` | a whole number from 1 to 64 | the cores, at most 4 |");
    expect(reference).toContain("| `chunkBytes` | a size from 64 KiB to 1 GiB, like 32 MiB | 32 MiB |");
    expect(reference).toContain("| `tables.rules.<name>.where` |");
    expect(reference).toContain('| `load.strategy` | auto, values or json-table | `"auto"` |');
    expect(reference).not.toContain("undefined");
  });

  it("has a section for every transform", () => {
    for (const name of [...builtIns.keys(), "use"]) expect(reference).toContain(`**${name}** – `);
  });

  it("leaves no meaning empty", () => {
    expect(reference.split("\n").filter((line) => line.startsWith("| `") && line.endsWith("|  |"))).toEqual([]);
  });
});
