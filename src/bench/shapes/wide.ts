import { amount, bytes, date, enumOf, hexText, integer, moment, phrase, quarters, sometimes } from "./recipes.ts";
import { type Recipe, type TableShape, tableShape } from "./shape.ts";

/** Ten columns of ten types; twelve times that is a wide table. */
const ten: readonly (readonly [name: string, recipe: Recipe])[] = [
  ["count", integer("int", -1_000_000, 1_000_000)],
  ["flag", integer("tinyint", 0, 1)],
  ["price", sometimes(0.1, amount("decimal(12,2)", 1_000_000))],
  ["rate", quarters("double")],
  ["code", hexText("char(8)", 8)],
  ["label", sometimes(0.3, phrase("varchar(40)", 1, 3))],
  ["kind", enumOf("a", "b", "long-member")],
  ["day", sometimes(0.2, date)],
  ["changed_at", moment("timestamp")],
  ["mark", sometimes(0.5, bytes("varbinary(16)", 0, 16))],
];

export const wide: TableShape = tableShape({
  name: "wide",
  description: "121 columns of ten types, some of them NULL, about 1.2 kB a row: what a cell costs",
  recipes: Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => ten.map(([name, recipe]) => [`${name}_${i + 1}`, recipe] as const)).flat(),
  ),
});
