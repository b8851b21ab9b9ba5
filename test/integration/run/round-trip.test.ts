import { afterAll, beforeAll, expect, test } from "vitest";
import type { CellKind, Column } from "../../../src/contracts/schema.ts";
import { quoteName } from "../../../src/mysql/identifiers.ts";
import { readExpression } from "../../../src/mysql/read-expression.ts";
import { createEveryType, everyColumn, everyRowCount, insertEveryType } from "../mysql/every-type.ts";
import { type Migration, newMigration, onShards, onSource } from "./migration.ts";

const table = "run_every_type";
let migration: Migration;

beforeAll(async () => {
  migration = await newMigration(table, {
    [table]: {
      source: [
        createEveryType(table),
        // Zero dates and unknown members of an ENUM are among the values.
        "SET SESSION sql_mode = ''",
        ...insertEveryType(table),
        // Decimals in JSON have no text of their own; the source's checks report such documents.
        `UPDATE ${table} SET json = CAST(CAST(json AS CHAR) AS JSON)`,
      ],
    },
  });
});

afterAll(() => migration?.[Symbol.asyncDispose]());

/** Kinds whose stored bytes HEX() shows; that of a number is the number rounded. */
const stored: readonly CellKind[] = ["text", "binary", "enum", "set", "bit", "geometry", "vector"];

/** The value as text, FLOAT exact, and, where there are such, its bytes in the column's own character set. */
function inHex(column: Column): string {
  const name = quoteName(column.name);
  const bytes = stored.includes(column.kind) ? `HEX(${name})` : "''";
  const text = column.kind === "vector" ? "''" : `HEX(CONCAT(${readExpression(column)}))`;
  return `IFNULL(${text}, 'NULL'), IFNULL(${bytes}, 'NULL')`;
}

test.each(["values", "json-table"])("--strategy %s: every type arrives byte for byte", async (strategy) => {
  await migration.clear();
  const ran = await migration.run("run", ["--strategy", strategy]);
  expect(ran.error).toBeNull();
  expect(ran.exitCode).toBe(0);
  expect(ran.summary?.tables).toMatchObject([{ source: table, rows: everyRowCount, verified: true }]);
  for (const column of everyColumn) {
    const sql = `SELECT id, ${inHex(column)} FROM ${table}`;
    const source = await onSource(migration.source, sql);
    expect(await onShards(sql), column.name).toEqual(source);
    expect(source).toHaveLength(everyRowCount);
  }
});
