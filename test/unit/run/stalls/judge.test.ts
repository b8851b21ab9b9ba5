import { expect, test } from "vitest";
import type { InHand } from "../../../../src/run/stalls/in-hand.ts";
import { newStallJudge, type StallLook } from "../../../../src/run/stalls/judge.ts";

const chunk: InHand = { worker: 0, way: "reading", table: "t", chunk: "0001-000001", since: 0 };
const other: InHand = { ...chunk, worker: 1, chunk: "0001-000002" };
const silent = (of = chunk, excused = false): StallLook => ({ chunk: of, sign: "same", excused });

/** In which looks, counted from 1, something is found. */
function found(looks: readonly (readonly StallLook[])[]): string[] {
  const judge = newStallJudge();
  return looks.flatMap((look, at) => judge(look).map(({ what, chunk: of }) => `${at + 1} ${what} ${of.chunk}`));
}

const times = (count: number, look: () => StallLook[]): StallLook[][] => Array.from({ length: count }, look);

test("silence is told of once, and ends the run once", () => {
  expect(found(times(50, () => [silent()]))).toEqual([`3 warn ${chunk.chunk}`, `21 end ${chunk.chunk}`]);
});

test("any sign begins the count anew", () => {
  let n = 0;
  const working = times(100, () => [{ ...silent(), sign: String(n++ >> 1) }]);
  expect(found(working)).toEqual([]);
  expect(found([...times(20, () => [silent()]), [{ ...silent(), sign: "x" }], ...times(20, () => [silent()])])).toEqual(
    [`3 warn ${chunk.chunk}`, `24 warn ${chunk.chunk}`],
  );
});

test("what waits for limits or has a limit of its own is excused, however long", () => {
  expect(found(times(100, () => [silent(chunk, true)]))).toEqual([]);
});

test("each chunk counts by itself; one that came back is forgotten", () => {
  const looks = [...times(10, () => [silent(), silent(other)]), ...times(11, () => [silent(other)])];
  expect(found(looks)).toEqual([`3 warn ${chunk.chunk}`, `3 warn ${other.chunk}`, `21 end ${other.chunk}`]);
});
