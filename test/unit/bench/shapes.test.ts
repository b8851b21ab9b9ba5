import { describe, expect, test } from "vitest";
import { jsonText } from "../../../src/bench/shapes/json-text.ts";
import type { TableShape } from "../../../src/bench/shapes/shape.ts";
import { shapedTables, shapeNames, shapes } from "../../../src/bench/shapes/shapes.ts";
import { smallShapes } from "../../../src/bench/shapes/small.ts";
import { rowsOf } from "../../../src/testing/row-batch.ts";

const cellsOf = (shape: TableShape, count: number, seed = "s"): (Buffer | null)[][] =>
  rowsOf(shape.rows(seed, 1, count), shape.columns.length);
const bytesARow = (shape: TableShape): number => shape.rows("s", 1, 500).bytes.length / 500;

describe("shapes", () => {
  test("have names, and many small tables have names of their own", () => {
    expect(shapeNames).toEqual(["customer", "narrow", "wide", "text", "blob", "json", "many-small"]);
    const small = smallShapes(100);
    expect(new Set(small.map(({ name }) => name)).size).toBe(100);
    expect(new Set(small.map(({ columns }) => columns.map(({ type }) => type).join())).size).toBeGreaterThan(80);
    expect(() => smallShapes(10_001)).toThrow(/1 to 10000/);
  });

  test("tables of a name have the rows asked for, in all", () => {
    expect(shapedTables("wide", 12)).toMatchObject([{ table: "wide", rows: 12 }]);
    expect(shapedTables("none", 12)).toBeNull();
    const many = shapedTables("many-small", 10_007, 30) ?? [];
    expect(many.length).toBe(30);
    expect(many.reduce((sum, { rows }) => sum + rows, 0)).toBe(10_007);
    expect(Math.max(...many.map(({ rows }) => rows))).toBeGreaterThan(8 * Math.min(...many.map(({ rows }) => rows)));
  });

  test("other seeds, other rows", () => {
    for (const shape of [...shapes, ...smallShapes(3)]) {
      expect(shape.rows("a", 1, 5).bytes.equals(shape.rows("b", 1, 5).bytes)).toBe(false);
    }
  });

  test("neighbouring rows have nothing in common but where there is little to choose from", () => {
    const cells = cellsOf(shapes.find(({ name }) => name === "narrow") as TableShape, 2000);
    expect(new Set(cells.map((row) => String(row[1]))).size).toBeGreaterThan(1990);
    expect(new Set(cells.map((row) => String(row[5]))).size).toBeGreaterThan(1990);
    expect(new Set(cells.map((row) => String(row[4]))).size).toBe(4);
  });

  test.each([
    ["customer", 300, 350],
    ["narrow", 45, 60],
    ["wide", 1000, 1400],
    ["text", 2000, 4000],
    ["blob", 8000, 9500],
    ["json", 500, 800],
  ])("%s has rows of the size it says", (name, low, high) => {
    const size = bytesARow(shapes.find((shape) => shape.name === name) as TableShape);
    expect(size).toBeGreaterThan(low);
    expect(size).toBeLessThan(high);
  });

  test("text has letters of one to four bytes, and all that a statement has to escape", () => {
    const shape = shapes.find(({ name }) => name === "text") as TableShape;
    const all = cellsOf(shape, 100)
      .map((row) => new TextDecoder("utf-8", { fatal: true }).decode(row[4] as Buffer))
      .join("");
    for (const letter of ["e", "ß", "東", "🙂", "'", '"', "\\", "\n", "\r", "\t"]) expect(all).toContain(letter);
  });

  test("columns that may be NULL are sometimes, others never", () => {
    for (const shape of shapes) {
      const rows = cellsOf(shape, 200);
      shape.columns.forEach((column, i) => {
        const nulls = rows.filter((row) => row[i] === null).length;
        if (!column.nullable) expect(nulls).toBe(0);
        else if (shape.name !== "customer") expect(nulls).toBeGreaterThan(0);
      });
    }
  });
});

test("JSON is printed as MySQL prints it", () => {
  expect(jsonText({ bb: [1, 2.5, []], a: 'q"\\\n', é: null, ab: { z: true, a: {} }, aaa: "東" })).toBe(
    '{"a": "q\\"\\\\\\n", "ab": {"a": {}, "z": true}, "bb": [1, 2.5, []], "é": null, "aaa": "東"}',
  );
});
