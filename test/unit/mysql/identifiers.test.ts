import { expect, test } from "vitest";
import { quoteName, quoteString, quoteTable } from "../../../src/mysql/identifiers.ts";

test("names are quoted whatever they hold", () => {
  expect(quoteName("a`b c")).toBe("`a``b c`");
  expect(quoteTable("my db", "t")).toBe("`my db`.`t`");
  expect(quoteTable(null, "t")).toBe("`t`");
});

test("strings are quoted so that nothing in them ends the literal", () => {
  expect(quoteString('it\'s \\ "é"')).toBe("'it''s \\\\ \"é\"'");
  expect(quoteString("\0\n\r\x1a\t")).toBe("'\\0\\n\\r\\Z\t'");
});
