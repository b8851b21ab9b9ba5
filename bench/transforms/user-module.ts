import type { StepInput, StepPlan } from "../../src/contracts/transform.ts";
import { defineTransform, type TransformDefinition, z } from "../../src/index.ts";

/** What a user would write without a thought for speed: text in, text out. */
const initials: TransformDefinition = defineTransform<unknown>({
  name: "initials",
  purpose: "The initials of a person's name in the name's place.",
  parameters: z.unknown(),
  plan(_parameters: unknown, input: StepInput): StepPlan {
    const { slot } = input.column("name");
    return {
      columns: input.columns,
      writes: [slot],
      rows(row) {
        const name = row.get(slot);
        if (name === null) return true;
        const words = Buffer.from(name).toString("utf8").split(" ").filter(Boolean);
        row.set(slot, Buffer.from(words.map((word) => word.charAt(0)).join("")));
        return true;
      },
    };
  },
});

export default initials;
