import { expect, test } from "vitest";
import { changeOf, type RowChange, type RowRef, rowBytes } from "../../../src/follow/changes.ts";
import { netChanges } from "../../../src/follow/net.ts";

/** A row of one text. */
function row(text: string): RowRef {
  const bytes = Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
  return { batch: { bytes, offsets: Uint32Array.of(0, bytes.length), rows: 1 }, row: 0 };
}
const textOf = (ref: RowRef): string => rowBytes(ref).toString("latin1", 1);
/** `a1>a2`, `>b1`, `c1>`; the letter is the key. */
function change(text: string, idempotent = false): RowChange {
  const [before = "", after = ""] = text.split(">");
  const found = changeOf("t", before === "" ? null : row(before), after === "" ? null : row(after), idempotent);
  if (found === null) throw new Error(`${text} changes nothing`);
  return found;
}
const net = (changes: readonly RowChange[], keyed = true) =>
  netChanges(changes, () => ({ keyed, keyOf: (ref) => (keyed ? textOf(ref).slice(0, 1) : textOf(ref)) })).map(
    ({ gone, come }) => `-${gone.map(textOf)} +${come.map(textOf)}`,
  );

test("of the changes to a key only the first before and the last after are left", () => {
  expect(net([change("a1>a2"), change("a2>a3"), change(">b1"), change("b1>")])).toEqual(["-a1 +a3"]);
  expect(net([change("a1>"), change(">a2")])).toEqual(["-a1 +a2"]);
});

test("a key that changes is one that goes and one that comes", () => {
  expect(net([change("a1>b1"), change("b1>c1")])).toEqual(["-a1 +c1"]);
});

test("what cannot be on an equal target is left for the target to name", () => {
  expect(net([change(">a1"), change(">a2")])).toEqual(["- +a1,a2"]);
  expect(net([change("a1>"), change("a1>")])).toEqual(["-a1,a1 +"]);
});

test("rows without a key are counted", () => {
  const changes = [change("x>"), change("x>"), change(">y"), change(">x"), change(">z"), change("z>")];
  expect(net(changes, false)).toEqual(["-x +y"]);
});

test("a table is strict from the transaction on that no row of it has seen", () => {
  expect(net([change("a1>a2", true), change("a2>a3", true), change("a3>a4")])).toEqual(["-a1 +a3", "-a3 +a4"]);
});

test("a change that transforms hide is none", () => {
  expect(changeOf("t", row("a"), row("a"), false)).toBeNull();
  expect(changeOf("t", null, null, false)).toBeNull();
});
