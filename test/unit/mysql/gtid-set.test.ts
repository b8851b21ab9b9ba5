import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countBeyond,
  encodeGtidSet,
  type GtidSet,
  hasGtid,
  includesSet,
  intersection,
  parsePosition,
  positionText,
  union,
  withGtid,
} from "../../../src/mysql/gtid-set.ts";

const a = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const b = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

test("positions are read as Vitess and MySQL write them, and written as Vitess does", () => {
  const text = `MySQL56/${a}:1-5:7,${b}:3`;
  expect(positionText(parsePosition(text))).toBe(text);
  expect(positionText(parsePosition(`${b}:3,\n${a.toUpperCase()}:7:1-2:3-5`))).toBe(text);
  expect(positionText(parsePosition("MySQL56/"))).toBe("MySQL56/");
});

test("tagged GTIDs are refused by name, nonsense as nonsense", () => {
  expect(() => parsePosition(`${a}:1-5,${b}:blue:1-3`)).toThrow("tagged GTIDs");
  for (const bad of [`${a}`, `${a}:0`, `${a}:x-y`, "nonsense:1", `${a}:1-99999999999999999999`]) {
    expect(() => parsePosition(bad), bad).toThrow("is not a GTID position");
  }
});

test("a set is encoded as the server takes it", () => {
  const bytes = encodeGtidSet(parsePosition(`${a}:1-5:7`));
  expect(bytes.toString("hex")).toBe(
    `0100000000000000${a.replaceAll("-", "")}020000000000000001000000000000000600000000000000` +
      "07000000000000000800000000000000",
  );
});

/** Small sets, so that they often touch and overlap. */
const numbers = fc.uniqueArray(fc.tuple(fc.constantFrom(a, b), fc.integer({ min: 1, max: 12 })), {
  selector: ([uuid, number]) => `${uuid}:${number}`,
  maxLength: 16,
});
const setOf = (pairs: readonly (readonly [string, number])[]): GtidSet =>
  pairs.reduce((set: GtidSet, [uuid, number]) => withGtid(set, { uuid, number }), new Map());
const plain = (pairs: readonly (readonly [string, number])[]): Set<string> => new Set(pairs.map((p) => p.join(":")));
const all = [a, b].flatMap((uuid) => Array.from({ length: 14 }, (_, i) => ({ uuid, number: i + 1 })));
const members = (set: GtidSet): string[] =>
  all.filter((gtid) => hasGtid(set, gtid)).map(({ uuid, number }) => `${uuid}:${number}`);

test("sets behave as sets", () => {
  fc.assert(
    fc.property(numbers, numbers, (left, right) => {
      const [x, y] = [setOf(left), setOf(right)];
      const [px, py] = [plain(left), plain(right)];
      expect(members(x).sort()).toEqual([...px].sort());
      expect(members(union(x, y)).sort()).toEqual([...new Set([...px, ...py])].sort());
      expect(members(intersection(x, y)).sort()).toEqual([...px].filter((p) => py.has(p)).sort());
      expect(countBeyond(x, y)).toBe([...px].filter((p) => !py.has(p)).length);
      expect(includesSet(x, y)).toBe([...py].every((p) => px.has(p)));
      expect(positionText(parsePosition(positionText(x)))).toBe(positionText(x));
    }),
  );
});
