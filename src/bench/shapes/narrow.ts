import { amount, enumOf, integer, moment } from "./recipes.ts";
import { type TableShape, tableShape } from "./shape.ts";

export const narrow: TableShape = tableShape({
  name: "narrow",
  description: "six short columns, about 50 bytes a row: what a row itself costs",
  recipes: {
    account_id: integer("int unsigned", 1, 5_000_000),
    quantity: integer("smallint", 1, 500),
    amount: amount("decimal(10,2)", 1_000_000),
    state: enumOf("new", "paid", "sent", "returned"),
    created_at: moment("datetime"),
  },
});
