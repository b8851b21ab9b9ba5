import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellQuote } from "../../../src/vitess/vtctld/shell-quote.ts";

/** Anything an argument can be: every character but NUL, with those a shell minds turning up often. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }).map((value) => value.replaceAll("\0", "")),
  fc.string({ unit: fc.constantFrom(..."'\"\\$`!*?[]{}()<>|&;#~ \t\n\r%=-^".split("")), maxLength: 20 }),
);

test("a quoted text is one word of a shell, and that text", () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 50 }), (texts) => {
      const script = `printf '%s\\0' ${texts.map(shellQuote).join(" ")}`;
      const printed = execFileSync("/bin/sh", ["-c", script]).toString("utf8");
      expect(printed.split("\0").slice(0, -1)).toEqual(texts);
    }),
    { numRuns: 60 },
  );
});

test("plain words stay as they are", () => {
  expect(["main/-80", "--tables=a,b", "zone1-0000000200"].map(shellQuote)).toEqual([
    "main/-80",
    "--tables=a,b",
    "zone1-0000000200",
  ]);
});
