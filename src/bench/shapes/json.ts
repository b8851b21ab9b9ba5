import { type Json, jsonText } from "./json-text.ts";
import { integer, moment, sometimes } from "./recipes.ts";
import type { RowRandom } from "./row-random.ts";
import { type Recipe, type TableShape, tableShape } from "./shape.ts";

const names = ["Maria", "Aiko", "Zoë", "O'Brien", "李", 'A "Bo" B', "Ørsted\\Æ", "two\nlines"];
const tags = ["new", "vip", "größe-l", "ab\tc", "戻り", "🙂"];
const actions = ["view", "add", "pay", "leave"];

const profile = (random: RowRandom): Json => ({
  name: random.pick(names),
  tier: random.pick(["basic", "plus", "pro"]),
  visits: random.below(5000),
  score: random.int(1, 40_000) * 2.5 + 0.25,
  active: random.chance(0.7),
  referrer: random.chance(0.6) ? null : random.below(1_000_000),
  tags: many(random, 0, 4, () => random.pick(tags)),
  address: {
    city: random.pick(["Berlin", "東京", "São Paulo"]),
    zip: String(random.int(10_000, 99_999)),
    geo: [random.below(90), random.below(180)],
  },
});

const event = (random: RowRandom): Json => ({
  do: random.pick(actions),
  at: random.int(1_500_000_000, 1_900_000_000),
  item: random.below(100_000),
  ...(random.chance(0.3) ? { note: `${random.pick(names)}: ${random.pick(tags)}` } : {}),
});

function many<T extends Json>(random: RowRandom, few: number, most: number, make: () => T): T[] {
  return Array.from({ length: random.int(few, most) }, make);
}

const document = (make: (random: RowRandom) => Json): Recipe => ({
  type: "json NOT NULL",
  write: (into, random) => into.text(jsonText(make(random))),
});

export const json: TableShape = tableShape({
  name: "json",
  description: "two JSON documents a row, nested and of changing size, about 650 bytes: what JSON costs",
  recipes: {
    version: integer("int", 1, 9),
    profile: document(profile),
    events: sometimes(
      0.2,
      document((random) => many(random, 0, 12, () => event(random))),
    ),
    changed_at: moment("datetime(6)"),
  },
});
