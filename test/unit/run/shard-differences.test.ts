import { expect, test } from "vitest";
import type { TableSchema } from "../../../src/contracts/schema.ts";
import { shardDifferences } from "../../../src/run/shard-differences.ts";
import { columnsOf } from "../../support/rows.ts";

const shard = (name: string, ...columns: string[]) => ({
  name,
  schemas: new Map(columns.length === 0 ? [] : [["t", { columns: columnsOf(...columns) } as unknown as TableSchema]]),
});

test("shards that have the same table, or all none, do not differ", () => {
  expect(shardDifferences("t", [shard("-80", "a int", "b text"), shard("80-", "b text", "A int")])).toEqual([]);
  expect(shardDifferences("t", [shard("-80"), shard("80-")])).toEqual([]);
  expect(shardDifferences("t", [])).toEqual([]);
});

test("a table that one shard lacks, and columns that are another, are told by shard", () => {
  expect(shardDifferences("t", [shard("-80"), shard("80-", "a int")])).toEqual([
    "Table t is on shard 80-, but not on shard -80.",
  ]);
  const other = shard("80-", "a varchar(10) not null");
  expect(shardDifferences("t", [shard("-80", "a varchar(20)", "b int"), other])).toEqual([
    expect.stringMatching(
      /^Table t is not the same on shards -80 and 80-: column "a" is varchar\(20\).* on the first and varchar\(10\).* on the other\.$/,
    ),
    'Table t is not the same on shards -80 and 80-: column "b" is int on the first and missing on the other.',
  ]);
});
