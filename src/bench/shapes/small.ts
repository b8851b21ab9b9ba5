import { amount, bytes, date, enumOf, hexText, integer, moment, phrase, sometimes } from "./recipes.ts";
import { RowRandom } from "./row-random.ts";
import { type Recipe, type TableShape, tableShape } from "./shape.ts";

const kinds: Readonly<Record<string, Recipe>> = {
  count: integer("int", 0, 100_000),
  flag: integer("tinyint(1)", 0, 1),
  price: amount("decimal(8,2)", 100_000),
  label: phrase("varchar(60)", 1, 4),
  code: hexText("char(6)", 6),
  state: enumOf("on", "off"),
  day: sometimes(0.3, date),
  seen_at: sometimes(0.5, moment("datetime(3)")),
  changed_at: moment("timestamp"),
  note: sometimes(0.7, phrase("text", 2, 20)),
  token: bytes("varbinary(20)", 4, 20),
};
const idTypes = ["int NOT NULL", "int unsigned NOT NULL", "bigint NOT NULL", "bigint unsigned NOT NULL"];

/** Most tables of a set. */
const MOST = 10_000;

/** The `number`th (from 1) small table, always of the same one to nine columns. */
export function smallShape(number: number): TableShape {
  const random = new RowRandom("small");
  random.row(number);
  const names = Object.keys(kinds);
  const chosen = Array.from({ length: random.int(1, 8) }, (): [string, Recipe] => {
    const [name = ""] = names.splice(random.below(names.length), 1);
    return [name, kinds[name] as Recipe];
  });
  return tableShape({
    name: `small_${String(number).padStart(4, "0")}`,
    description: "one of many small tables",
    idType: random.pick(idTypes),
    recipes: Object.fromEntries(chosen),
  });
}

/** So many small tables, at most 10,000. */
export function smallShapes(count: number): TableShape[] {
  if (!(count >= 1 && count <= MOST)) throw new RangeError(`1 to ${MOST} small tables can be made, not ${count}`);
  return Array.from({ length: count }, (_, i) => smallShape(i + 1));
}
