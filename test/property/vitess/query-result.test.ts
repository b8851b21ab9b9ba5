import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeResponse, messageTypes } from "../../../src/vitess/vtctld/codec.ts";
import { resultRows, rowCells } from "../../../src/vitess/vtctld/query-result.ts";

const answers = messageTypes.lookupType("ExecuteFetchAsDBAResponse");

/** A row as Vitess sends it: the values in one run, their lengths beside it. */
function row(cells: readonly (Uint8Array | null)[]): object {
  return {
    lengths: cells.map((cell) => cell?.length ?? -1),
    values: Buffer.concat(cells.filter((cell) => cell !== null)),
  };
}

const cell = fc.option(fc.uint8Array({ maxLength: 30 }), { freq: 3 });

test("whatever the cells of a row are, they come back", () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 8 }), (rows) => {
      const bytes = answers.encode(answers.fromObject({ result: { rows: rows.map(row) } })).finish();
      const { result } = decodeResponse("ExecuteFetchAsDBA", bytes);
      const seen = result?.rows.map((one) => rowCells(one).map((value) => value && [...value]));
      expect(seen ?? []).toEqual(rows.map((cells) => cells.map((value) => value && [...value])));
    }),
  );
});

test("cells go by the names of their fields", () => {
  const texts = fc.array(fc.tuple(fc.string({ maxLength: 8 }), fc.option(fc.string({ unit: "grapheme" }))));
  fc.assert(
    fc.property(texts, (named) => {
      const fields = named.map(([name]) => ({ name }));
      const rows = [row(named.map(([, value]) => (value === null ? null : Buffer.from(value))))];
      const bytes = answers.encode(answers.fromObject({ result: { fields, rows } })).finish();
      const { result } = decodeResponse("ExecuteFetchAsDBA", bytes);
      expect(resultRows(result)).toEqual([Object.fromEntries(named)]);
    }),
  );
});
