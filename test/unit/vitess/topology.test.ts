import { describe, expect, test } from "vitest";
import { compareIds, parseShardName } from "../../../src/vitess/key-range.ts";
import { makeShardRouter, shardOf } from "../../../src/vitess/shard-router.ts";
import { orderShards } from "../../../src/vitess/topology.ts";
import { vindexFunction } from "../../../src/vitess/vindexes/vindex-function.ts";

const id = (hex: string): Buffer => Buffer.from(hex, "hex");

describe("shards of a keyspace", () => {
  test("are put in order of their ranges", () => {
    expect(orderShards("main", ["c0-", "40-80", "-40", "80-c0"]).map((shard) => shard.name)).toEqual([
      "-40",
      "40-80",
      "80-c0",
      "c0-",
    ]);
  });

  test.each([
    [["-40", "80-"], /nothing covers the ids from 40 to 80/],
    [["40-80", "80-"], /nothing covers the ids before 40/],
    [["-40", "40-80"], /nothing covers the ids from 80 on/],
    [["-80", "40-"], /shards -80 and 40- overlap/],
    [["-", "80-"], /shards - and 80- overlap/],
    [["east", "west"], /"east".*no key range/],
    [["-8", "8-"], /"-8".*no key range/],
  ])("%s are refused by name", (names, message) => {
    expect(() => orderShards("main", names)).toThrow(message);
  });

  test("zero bytes at the end of a bound do not make a gap", () => {
    expect(orderShards("main", ["-80", "8000-"]).map((shard) => shard.name)).toEqual(["-80", "8000-"]);
  });

  test("an unsharded keyspace is one shard that takes everything", () => {
    const shards = orderShards("uns", ["0"]);
    expect(shardOf(shards, id("ff"))).toBe(0);
  });
});

describe("the shard of a keyspace id", () => {
  const shards = orderShards("main", ["-40", "40-80", "80-"]);
  test.each([
    ["", 0],
    ["00", 0],
    ["3fffffffffffffff", 0],
    ["40", 1],
    ["4000", 1],
    ["7fffffff", 1],
    ["8000000000000000", 2],
    ["ff", 2],
  ])("%s is in shard %i", (hex, shard) => {
    expect(shardOf(shards, id(hex))).toBe(shard);
  });

  test("a value without a destination has shard -1", () => {
    const vindex = vindexFunction("hash", { kind: "integer" });
    const route = makeShardRouter(vindex ?? (() => []), shards);
    expect([...route([Buffer.from("1"), null, Buffer.from("4"), Buffer.from("3")])]).toEqual([0, -1, 2, 1]);
  });
});

test("ids are compared without the zero bytes at their end", () => {
  expect(compareIds(id("80"), id("8000"))).toBe(0);
  expect(compareIds(id("80"), id("8001"))).toBeLessThan(0);
  expect(parseShardName("80-C0")).toEqual({ start: id("80"), end: id("c0") });
});
