import fc from "fast-check";
import { expect, test } from "vitest";
import type { CellKind } from "../../../src/contracts/schema.ts";
import { midpoint } from "../../../src/source/midpoint.ts";

function between(kind: CellKind, low: string | Buffer, high: string | Buffer, collation: string | null = null): Buffer {
  const middle = midpoint({ kind, collation }, Buffer.from(low), Buffer.from(high));
  if (middle === null) throw new Error("no middle");
  return middle;
}

/** Two different values in order. */
const pair = <T>(values: fc.Arbitrary<T>, compare: (a: T, b: T) => number) =>
  fc
    .tuple(values, values)
    .map(([a, b]) => (compare(a, b) <= 0 ? [a, b] : [b, a]) as [T, T])
    .filter(([a, b]) => compare(a, b) !== 0);

const numbers = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

test("integers: from low on, before high, and never more than one off the mean", () => {
  fc.assert(
    fc.property(pair(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }), numbers), ([low, high]) => {
      const middle = BigInt(between("integer", String(low), String(high)).toString());
      expect(low <= middle && middle < high).toBe(true);
      const off = 2n * middle - low - high;
      expect(off === 0n || off === -1n).toBe(true);
    }),
  );
});

test("decimals: exact at any scale", () => {
  const decimal = fc
    .tuple(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.nat({ max: 30 }))
    .map(([digits, scale]) => {
      const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
      const sign = digits < 0n ? "-" : "";
      return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
    });
  const scaled = (text: string): bigint => {
    const [whole = "", part = ""] = text.split(".");
    return BigInt(whole + part.padEnd(40, "0"));
  };
  fc.assert(
    fc.property(
      pair(decimal, (a, b) => numbers(scaled(a), scaled(b))),
      ([low, high]) => {
        const middle = scaled(between("decimal", low, high).toString());
        expect(scaled(low) <= middle && middle < scaled(high)).toBe(true);
      },
    ),
  );
});

test("bytes: in memcmp order", () => {
  fc.assert(
    fc.property(
      pair(
        fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
        Buffer.compare,
      ),
      ([low, high]) => {
        const middle = between("binary", low, high);
        // Trailing zeros are all that may set `low` and the middle apart when they are neighbours.
        const padded = Buffer.concat([low, Buffer.alloc(Math.max(0, middle.length - low.length))]);
        expect(Buffer.compare(padded, middle)).toBeLessThanOrEqual(0);
        expect(
          Buffer.compare(middle, Buffer.concat([high, Buffer.alloc(Math.max(0, middle.length - high.length))])),
        ).toBeLessThanOrEqual(0);
      },
    ),
  );
});

test("doubles: finite and between", () => {
  const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  fc.assert(
    fc.property(
      pair(double, (a, b) => a - b),
      ([low, high]) => {
        const middle = Number(between("double", String(low), String(high)).toString());
        expect(low <= middle && middle <= high).toBe(true);
      },
    ),
  );
});

test("moments: between, at any precision, from year 0 to 9999", () => {
  const day = fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T00:00:00Z"),
    noInvalidDate: true,
  });
  const text = fc
    .tuple(day, fc.integer({ min: 0, max: 999_999 }))
    .map(([date, micros]) => `${date.toISOString().slice(0, 19).replace("T", " ")}.${String(micros).padStart(6, "0")}`);
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  fc.assert(
    fc.property(pair(text, order), ([low, high]) => {
      const middle = between("datetime", low, high).toString();
      expect(middle).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
      expect(low <= middle && middle < high).toBe(true);
      const date = between("date", low.slice(0, 10), high.slice(0, 10)).toString();
      expect(low.slice(0, 10) <= date && date <= high.slice(0, 10)).toBe(true);
    }),
  );
});

test("times: between, negative ones too", () => {
  const format = (micros: number): string => {
    const size = Math.abs(micros);
    const seconds = Math.floor(size / 1e6);
    const two = (value: number): string => String(value).padStart(2, "0");
    return `${micros < 0 ? "-" : ""}${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(size % 1e6).padStart(6, "0")}`;
  };
  const range = 838 * 3600 * 1e6;
  fc.assert(
    fc.property(
      pair(fc.integer({ min: -range, max: range }), (a, b) => a - b),
      ([low, high]) => {
        expect(between("time", format(low), format(high)).toString()).toBe(format(Math.floor((low + high) / 2)));
      },
    ),
  );
});

test("texts in a binary collation: in code point order, and always valid text", () => {
  const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  fc.assert(
    fc.property(pair(fc.string({ unit: "binary", maxLength: 12 }), order), ([low, high]) => {
      const middle = between("text", low, high, "utf8mb4_bin");
      expect(middle.toString("utf8")).not.toContain("\u{FFFD}");
      expect(Buffer.compare(middle, Buffer.from(high))).toBeLessThanOrEqual(0);
    }),
  );
});

test("texts in other collations: some valid text, whatever the ends", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ unit: "binary", maxLength: 12 }), (a, b) => {
      const middle = between("text", a, b, "utf8mb4_0900_ai_ci").toString();
      expect(Buffer.from(middle).toString()).toBe(middle);
    }),
  );
  expect(between("text", "01fe", "f00d", "ascii_general_ci").toString()).toMatch(/^[6-9]/);
});

test("kinds without an order have no middle", () => {
  expect(midpoint({ kind: "enum", collation: null }, Buffer.from("a"), Buffer.from("b"))).toBeNull();
});
