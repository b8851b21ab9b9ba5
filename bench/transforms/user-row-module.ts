import { defineRowTransform, type TransformDefinition } from "../../src/index.ts";

/** The same as user-module.ts, by the names of columns and with texts. */
const initials: TransformDefinition = defineRowTransform<{ readonly id: `${bigint}`; name: string }>()({
  name: "initials",
  purpose: "The initials of a person's name in the name's place.",
  writes: ["name"],
  row(row) {
    const words = row.name.split(" ").filter(Boolean);
    row.name = words.map((word) => word.charAt(0)).join("");
    return true;
  },
}) as TransformDefinition;

export default initials;
