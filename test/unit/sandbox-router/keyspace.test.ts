import fc from "fast-check";
import { expect, test } from "vitest";
import type { RouterConfig } from "../../../src/sandbox/router/config.ts";
import { keyspaceOf, shardOf } from "../../../src/sandbox/router/keyspace.ts";
import { addDecimals, compareDecimals, mergeAggregate } from "../../../src/sandbox/router/plan/aggregates.ts";

const config = (...names: string[]): RouterConfig => ({
  host: "127.0.0.1",
  port: 0,
  user: null,
  password: null,
  keyspace: "ks",
  shards: names.map((name) => ({ name, host: "h", port: 1, user: "u", password: "", database: "d" })),
  vschema: {},
});

test("shards must cover the key space exactly once", () => {
  for (const names of [["-"], ["0"], ["80-", "-80"], ["-40", "40-80", "80-c0", "c0-"], ["-4000", "4000-"]]) {
    expect(keyspaceOf(config(...names)).shards).toHaveLength(names.length);
  }
  for (const names of [["-80"], ["-40", "80-"], ["-80", "40-"], ["-80", "80-", "80-"], ["-8", "8-"], ["-zz", "zz-"]]) {
    expect(() => keyspaceOf(config(...names)), names.join()).toThrow();
  }
});

test("a keyspace id belongs to the shard whose range holds it, trailing zeros aside", () => {
  const keyspace = keyspaceOf(config("-40", "40-80", "80-"));
  const shard = (hex: string): string => shardOf(keyspace, Buffer.from(hex, "hex")).config.name;
  expect(["", "00", "3fff", "40", "4000", "7fff", "80", "8000", "ff"].map(shard)).toEqual([
    "-40",
    "-40",
    "-40",
    "40-80",
    "40-80",
    "40-80",
    "80-",
    "80-",
    "80-",
  ]);
  const longer = keyspaceOf(config("-4000", "4000-"));
  expect(["3fff", "40", "4000"].map((hex) => shardOf(longer, Buffer.from(hex, "hex")).config.name)).toEqual([
    "-4000",
    "4000-",
    "4000-",
  ]);
});

test("decimals of any size are added and compared exactly", () => {
  const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.integer({ min: 0, max: 30 }));
  const text = ([value, scale]: [bigint, number]): string => {
    const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
    return (value < 0n ? "-" : "") + (scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`);
  };
  const at30 = ([value, scale]: [bigint, number]): bigint => value * 10n ** BigInt(30 - scale);
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const sum = addDecimals(text(a), text(b));
      const scale = Math.max(a[1], b[1]);
      expect(sum).toBe(text([(at30(a) + at30(b)) / 10n ** BigInt(30 - scale), scale]));
      expect(Math.sign(compareDecimals(text(a), text(b)))).toBe(at30(a) < at30(b) ? -1 : at30(a) > at30(b) ? 1 : 0);
    }),
  );
});

test("empty shards do not count, and what has no exact merge is refused", () => {
  const cells = (...texts: (string | null)[]): (Buffer | null)[] =>
    texts.map((text) => (text === null ? null : Buffer.from(text)));
  expect(mergeAggregate("add", 246, "s", cells(null, "1.50", "-2.5"))).toBe("-1.00");
  expect(mergeAggregate("least", 8, "s", cells("10", "9", "-10"))).toBe("-10");
  expect(mergeAggregate("greatest", 12, "s", cells("2024-01-01 00:00:00", null, "2023-12-31 23:59:59"))).toBe(
    "2024-01-01 00:00:00",
  );
  expect(mergeAggregate("add", 8, "s", cells(null, null))).toBeNull();
  expect(() => mergeAggregate("add", 5, "s", cells("1.5", "2.5"))).toThrow(/exact numbers/);
  expect(() => mergeAggregate("least", 253, "s", cells("a", "b"))).toThrow(/numbers and dates/);
});
