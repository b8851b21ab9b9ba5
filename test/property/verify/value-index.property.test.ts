import fc from "fast-check";
import { expect, test } from "vitest";
import { packValues, valueIndex } from "../../../src/verify/leaks/value-index.ts";

/** Few letters, so that values overlap, share windows and stand in each other. */
const letters = fc.constantFrom("a", "b", "A", " ", "7", "é");
const text = (constraints: { minLength?: number; maxLength: number }) =>
  fc.array(letters, constraints).map((parts) => parts.join(""));
const fold = (value: string) => Buffer.from(value.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
const isWord = (byte: number | undefined) => byte !== undefined && /[a-z0-9\x80-\xff]/.test(String.fromCharCode(byte));

/** Every place of every value, found one by one. */
function naive(values: readonly { bytes: Buffer; alone: boolean }[], cell: Buffer): string[] {
  return values.flatMap(({ bytes, alone }, value) => {
    const places: string[] = [];
    for (let at = cell.indexOf(bytes); at >= 0; at = cell.indexOf(bytes, at + 1)) {
      const end = at + bytes.length;
      const glued = (isWord(cell[at - 1]) && isWord(cell[at])) || (isWord(cell[end - 1]) && isWord(cell[end]));
      if (!alone || !glued) places.push(`${value}`);
    }
    return places;
  });
}

test("all values are found in one pass, wherever they stand, and nothing else is", () => {
  const value = fc.record({ bytes: text({ minLength: 6, maxLength: 12 }).map(fold), alone: fc.boolean() });
  const cell = fc.array(fc.oneof(text({ maxLength: 9 }), fc.nat(9)), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 10 }), cell, fc.nat(5), (values, parts, margin) => {
      const inside = parts.map((part) =>
        typeof part === "number" ? values[part % values.length]?.bytes.toString() : part,
      );
      const plain = Buffer.from(inside.join(""));
      // What stands before and after the cell is another cell's.
      const bytes = Buffer.concat([Buffer.from("aaaaa".slice(0, margin)), plain, Buffer.from("aaaaaaa")]);
      const found: string[] = [];
      valueIndex(packValues(values))(bytes, margin, margin + plain.length, (hit) => found.push(`${hit}`));
      expect(found.sort()).toEqual(naive(values, fold(plain.toString())).sort());
    }),
    { numRuns: 2000 },
  );
});
