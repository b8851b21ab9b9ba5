import { expect, test } from "vitest";
import { isAtWork } from "../../../src/mysql/at-work.ts";

test.each([
  [{ Command: "Query", State: "executing" }, true],
  [{ Command: "Query", State: "Waiting for global read lock" }, true],
  [{ Command: "Execute", State: null }, true],
  [{ Command: "Killed", State: "" }, true],
  [{ Command: "Sleep", State: "" }, false],
  [{ Command: "Query", State: "Sending to client" }, false],
  [{ Command: "Query", State: "Receiving from client" }, false],
  [undefined, false],
])("a thread that shows as %o: at work is %o", (thread, expected) => {
  expect(isAtWork(thread)).toBe(expected);
});
