import fc from "fast-check";
import { expect, test } from "vitest";
import { shapes } from "../../../src/bench/shapes/shapes.ts";
import { smallShapes } from "../../../src/bench/shapes/small.ts";
import { rowsOf } from "../../../src/testing/row-batch.ts";

const all = [...shapes, ...smallShapes(20)];
const shape = fc.constantFrom(...all);
/** Small, around 2^32, and as far as a row's number may go. */
const first = fc.oneof(
  fc.integer({ min: 1, max: 1000 }),
  fc.integer({ min: 2 ** 32 - 20, max: 2 ** 32 + 20 }),
  fc.maxSafeInteger().map((n) => Math.max(1, Math.abs(n) - 100)),
);
const count = fc.integer({ min: 0, max: 40 });

test("batches hold whole rows of all columns, numbered from the first", () => {
  fc.assert(
    fc.property(shape, fc.string(), first, count, (one, seed, from, rows) => {
      const batch = one.rows(seed, from, rows);
      expect([batch.rows, batch.offsets[0], batch.offsets[rows]]).toEqual([rows, 0, batch.bytes.length]);
      // Throws where a row does not end where its cells do.
      const ids = rowsOf(batch, one.columns.length).map(([id]) => String(id));
      expect(ids).toEqual(Array.from({ length: rows }, (_, i) => String(from + i)));
    }),
  );
});

test("a row is the same in whatever batch it comes", () => {
  fc.assert(
    fc.property(shape, fc.string(), first, count, count, (one, seed, from, before, after) => {
      const whole = one.rows(seed, from, before + after).bytes;
      const parts = [one.rows(seed, from, before), one.rows(seed, from + before, after)].map(({ bytes }) => bytes);
      expect(Buffer.concat(parts).equals(whole)).toBe(true);
    }),
  );
});

test("cells are what their column's type allows", () => {
  const patterns: Readonly<Record<string, RegExp>> = {
    integer: /^-?(0|[1-9]\d*)$/,
    decimal: /^-?(0|[1-9]\d*)\.\d\d$/,
    double: /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/,
    date: /^\d{4}-[01]\d-[0-3]\d$/,
    datetime: /^\d{4}-[01]\d-[0-3]\d [0-2]\d(:[0-5]\d){2}(\.\d{3}|\.\d{6})?$/,
    timestamp: /^\d{4}-[01]\d-[0-3]\d [0-2]\d(:[0-5]\d){2}$/,
  };
  fc.assert(
    fc.property(shape, fc.string(), first, (one, seed, from) => {
      for (const row of rowsOf(one.rows(seed, from, 10), one.columns.length)) {
        one.columns.forEach((column, i) => {
          const cell = row[i] ?? null;
          if (cell === null) expect(column.nullable).toBe(true);
          if (cell === null) return;
          const text = cell.toString();
          const pattern = patterns[column.kind];
          if (pattern !== undefined) expect(text).toMatch(pattern);
          if (column.kind === "json") JSON.parse(text);
          if (column.kind === "enum") expect(column.type).toContain(`'${text}'`);
          if (["text", "json"].includes(column.kind)) expect(Buffer.from(text).equals(cell)).toBe(true);
          const length = column.kind === "text" ? [...text].length : cell.length;
          if (["text", "binary"].includes(column.kind)) expect(length).toBeLessThanOrEqual(column.length ?? 0);
        });
      }
    }),
  );
});
