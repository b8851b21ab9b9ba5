import { expect, test } from "vitest";
import type { DumpedChunk, LargeRow } from "../../../src/contracts/chunk.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { newLoadingGate } from "../../../src/run/loading-gate.ts";

const columns = {
  small: [columnFromType("id", "bigint not null"), columnFromType("note", "varchar(200)")],
  large: [columnFromType("id", "bigint not null"), columnFromType("body", "longblob")],
  json: [columnFromType("id", "bigint not null"), columnFromType("doc", "json")],
};

function chunk(table: string, name: string, largeRow: LargeRow | null = null): DumpedChunk {
  const sizes = { rowsRead: 1, bytesRead: 1, bytesRaw: 1, bytesFile: 1 };
  const checksum = { rows: 1, xor: 0, sum: "0" };
  const range = { after: null, upTo: null };
  return { chunk: name, table, range, exhausted: true, file: "f", ...sizes, checksum, sha256: "", largeRow };
}

const gate = () => newLoadingGate((table) => columns[table as keyof typeof columns], 1000);

test("chunks of a table whose rows always fit pass at once", () => {
  const first = chunk("small", "1");
  expect(gate().offer(first, false)).toEqual([first]);
});

test.each(["large", "json"])("chunks of a table with a %s column wait until all of it is read", (table) => {
  const one = gate();
  expect(one.offer(chunk(table, "1"), false)).toEqual([]);
  expect(one.offer(chunk(table, "2"), false)).toEqual([]);
  expect(one.held).toBe(2);
  expect(one.offer(chunk(table, "3"), true).map(({ chunk: name }) => name)).toEqual(["1", "2", "3"]);
});

test("a row no statement can carry refuses the whole table, naming the row, before any chunk has passed", () => {
  const one = gate();
  one.offer(chunk("large", "1", { row: "id = 7", statementBytes: 1001 }), false);
  expect(() => one.offer(chunk("large", "2"), true)).toThrow(/id = 7.*1001 bytes/);
});

test("a large row that fits is no obstacle", () => {
  const row = { row: "id = 7", statementBytes: 1000 };
  expect(gate().offer(chunk("large", "1", row), true)).toHaveLength(1);
});
