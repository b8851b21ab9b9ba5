import { expect, test } from "vitest";
import type { ManifestTable } from "../../../../src/contracts/manifest.ts";
import type { FinishedDump } from "../../../../src/run/bench/finished-dump.ts";
import { dumpedScratch } from "../../../../src/run/bench/scratch-rows.ts";
import { columnsOf } from "../../../support/rows.ts";

function dumpWith(createStatement: string): FinishedDump {
  const table = {
    source: "people",
    target: "persons",
    columns: columnsOf("id int not null"),
    key: { index: "PRIMARY", columns: ["id"] },
    createStatement,
  } as unknown as ManifestTable;
  const chunk = { checksum: { rows: 3 }, bytesRaw: 30 };
  return {
    directory: { path: "runs/first" },
    manifest: { tables: [table] },
    chunks: new Map([["people", [chunk]]]),
  } as unknown as FinishedDump;
}

test("the scratch table is made as the manifest has it, under its own name", () => {
  const { sql } = dumpedScratch(
    "s`1",
    dumpWith("CREATE TABLE `per``sons` (\n  `id` int\n) COMMENT='CREATE TABLE `x` (\n'"),
    null,
  );
  expect(sql).toEqual(["CREATE TABLE `s``1` (\n  `id` int\n) COMMENT='CREATE TABLE `x` (\n'"]);
});

test.each(["DROP TABLE users", "", "CREATE TABLE persons (id int)", "CREATE TABLE `persons` SELECT * FROM users"])(
  "a manifest that has %j in its place is refused",
  (statement) => {
    expect(() => dumpedScratch("s", dumpWith(statement), null)).toThrow(
      "What the manifest has as the definition of table people is no CREATE TABLE.",
    );
  },
);
