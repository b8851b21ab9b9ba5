import { expect, test } from "vitest";
import { ByteWriter } from "../../../src/load/byte-writer.ts";
import { rowBuilder } from "../../../src/load/row-select.ts";
import { batchOf } from "../../support/rows.ts";

const batch = batchOf([[Buffer.from("first")], [Buffer.from("second")], [Buffer.from("third")]]);

test("rows that were taken stay as they are until they are given back, and then their memory is used again", () => {
  const builder = rowBuilder();
  const rowsOf = (row: number) => {
    builder.add(batch, row);
    return builder.take();
  };
  const [first, second] = [rowsOf(0), rowsOf(1)];
  expect([first.bytes.toString(), second.bytes.toString()]).toEqual(["\x05first", "\x06second"]);
  builder.giveBack(first);
  const [third, fourth] = [rowsOf(2), rowsOf(0)];
  expect([second, third, fourth].map(({ bytes }) => bytes.toString())).toEqual([
    "\x06second",
    "\x05third",
    "\x05first",
  ]);
  expect([third, fourth].some(({ bytes }) => bytes.buffer === first.bytes.buffer)).toBe(true);
});

test("a statement that was taken stays as it is until it is given back, and then its memory is used again", () => {
  const writer = new ByteWriter(8);
  const write = (text: string): Buffer => {
    writer.ascii(text);
    return writer.take();
  };
  const [first, second] = [write("a statement longer than eight"), write("another one")];
  writer.giveBack(first);
  const [third, fourth] = [write("third"), write("fourth")];
  expect([second, third, fourth].map(String)).toEqual(["another one", "third", "fourth"]);
  expect([third, fourth].some(({ buffer }) => buffer === first.buffer)).toBe(true);
});
