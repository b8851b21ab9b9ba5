import type { BatchWriter } from "./batch-writer.ts";
import type { RowRandom } from "./row-random.ts";
import type { Recipe, WriteCell } from "./shape.ts";
import { words } from "./words.ts";

const notNull = (type: string, write: WriteCell): Recipe => ({ type: `${type} NOT NULL`, write });

const dash = 0x2d;
const dot = 0x2e;
const blank = 0x20;
const colon = 0x3a;

/** Whole numbers, evenly from `low` to `high`. */
export const integer = (type: string, low: number, high: number): Recipe =>
  notNull(type, (into, random) => into.integer(random.int(low, high)));

/** Amounts with two decimals, from 0 to below `below`. */
export const amount = (type: string, below: number): Recipe =>
  notNull(type, (into, random) => {
    into.open();
    into.putInteger(random.below(below));
    into.putByte(dot);
    into.putDigits(random.below(100), 2);
    into.close();
  });

/** Quarters, which every form of a floating point number has exactly, and prints the same. */
export const quarters = (type: string): Recipe =>
  notNull(type, (into, random) => into.text(String(random.int(-400_000, 400_000) / 4)));

export const date: Recipe = notNull("date", (into, random) => {
  into.open();
  putDate(into, random, 1950);
  into.close();
});

/** A datetime or timestamp with as many fractional digits as its type says. */
export function moment(type: "datetime" | "datetime(3)" | "datetime(6)" | "timestamp"): Recipe {
  const digits = Number(/\d/.exec(type)?.[0] ?? 0);
  return notNull(type, (into, random) => {
    into.open();
    putDate(into, random, 2015);
    into.putByte(blank);
    into.putDigits(random.below(24), 2);
    into.putByte(colon);
    into.putDigits(random.below(60), 2);
    into.putByte(colon);
    into.putDigits(random.below(60), 2);
    if (digits > 0) {
      into.putByte(dot);
      into.putDigits(random.below(10 ** digits), digits);
    }
    into.close();
  });
}

/** Ten years from `year` on. */
function putDate(into: BatchWriter, random: RowRandom, year: number): void {
  into.putDigits(year + random.below(10), 4);
  into.putByte(dash);
  into.putDigits(random.int(1, 12), 2);
  into.putByte(dash);
  into.putDigits(random.int(1, 28), 2);
}

/** One of a few texts. */
export function oneOf(type: string, ...texts: readonly string[]): Recipe {
  const cells = texts.map((text) => Buffer.from(text));
  return notNull(type, (into, random) => into.value(random.pick(cells)));
}

export const enumOf = (...members: readonly string[]): Recipe =>
  oneOf(`enum(${members.map((member) => `'${member}'`).join(",")})`, ...members);

/** `few` to `many` words of several languages with blanks between; a word has at most 12 characters. */
export const phrase = (type: string, few: number, many: number): Recipe =>
  notNull(type, (into, random) => {
    into.open();
    for (let left = random.int(few, many); left > 0; left--) {
      into.put(random.pick(words));
      if (left > 1) into.putByte(blank);
    }
    into.close();
  });

/** Lower-case hexadecimal text of `digits` digits. */
export const hexText = (type: string, digits: number): Recipe =>
  notNull(type, (into, random) => {
    into.open();
    for (let i = 0; i < digits; i++) into.putByte(hexDigits[random.uint32() >>> 28] as number);
    into.close();
  });

const hexDigits = Buffer.from("0123456789abcdef");

/** `few` to `many` random bytes: no compressor makes them smaller. */
export const bytes = (type: string, few: number, many: number): Recipe =>
  notNull(type, (into, random) => {
    into.open();
    into.putRandom(random, random.int(few, many));
    into.close();
  });

/** The same, but NULL in so many of all rows. */
export const sometimes = (probability: number, { type, write }: Recipe): Recipe => ({
  type: type.replace(/ NOT NULL$/, ""),
  write: (into, random, n) => (random.chance(probability) ? into.null() : write(into, random, n)),
});
