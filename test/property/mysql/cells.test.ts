import fc from "fast-check";
import { expect, test } from "vitest";
import { cellSize, findCells, writeCellPrefix } from "../../../src/mysql/cells.ts";

const length = fc.oneof(fc.integer({ min: -1, max: 300 }), fc.constantFrom(250, 251, 65_535, 65_536, 70_000));

test("cells that were written are found, and a cut row is refused", () => {
  fc.assert(
    fc.property(fc.array(length, { minLength: 1, maxLength: 20 }), fc.nat(), (lengths, cut) => {
      const size = lengths.reduce((sum, one) => sum + cellSize(one), 0);
      const row = new Uint8Array(size);
      let at = 0;
      const expected = lengths.flatMap((one) => {
        at = writeCellPrefix(row, at, one);
        const start = at;
        at += Math.max(one, 0);
        return [one < 0 ? -1 : start, at];
      });
      expect(at).toBe(size);
      const bounds = new Int32Array(lengths.length * 2);
      expect(findCells(row, 0, size, lengths.length, bounds)).toBe(size);
      expect(Array.from(bounds)).toEqual(expected);
      expect(() => findCells(row, 0, cut % size, lengths.length, bounds)).toThrow(RangeError);
    }),
  );
});

test("the widest prefix is written and read", () => {
  const bytes = new Uint8Array(9);
  expect(writeCellPrefix(bytes, 0, 0x1_2345_6789)).toBe(9);
  expect(Buffer.from(bytes).toString("hex")).toBe("fe8967452301000000");
  expect(() => findCells(bytes, 0, 9, 1, new Int32Array(2))).toThrow(RangeError);
  for (const first of [0xfd, 0xfe, 0xff]) {
    expect(() => findCells(new Uint8Array([first, 1]), 0, 2, 1, new Int32Array(2))).toThrow(RangeError);
  }
});
