import { hexText, moment, oneOf, phrase } from "./recipes.ts";
import { type Recipe, type TableShape, tableShape } from "./shape.ts";
import { words } from "./words.ts";

const blank = 0x20;
const ends = [". ", "! ", "? ", ".\n", ".\r\n\t", ' – "', "\\n "].map((end) => Buffer.from(end));

/** Paragraphs: sentences of a few words each. Multi-byte letters, quotes, backslashes and line ends are in all of them. */
const body: Recipe = {
  type: "mediumtext NOT NULL",
  write(into, random) {
    into.open();
    for (let sentences = random.int(8, 60); sentences > 0; sentences--) {
      for (let left = random.int(4, 14); left > 0; left--) {
        into.put(random.pick(words));
        if (left > 1) into.putByte(blank);
      }
      into.put(random.pick(ends));
    }
    into.close();
  },
};

export const text: TableShape = tableShape({
  name: "text",
  description:
    "articles of 0.4 to 6 kB in many scripts, with quotes and line ends: what escaping and compressing text costs",
  recipes: {
    slug: hexText("char(12)", 12),
    language: oneOf("char(2)", "en", "de", "es", "ru", "ja", "zh", "ko", "ar", "hi", "el"),
    title: phrase("varchar(200)", 3, 9),
    body,
    published_at: moment("datetime(3)"),
  },
});
