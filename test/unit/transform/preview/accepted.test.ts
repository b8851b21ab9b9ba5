import { expect, test } from "vitest";
import { acceptanceOf, acceptedBy } from "../../../../src/transform/preview/accepted.ts";

const warning = { code: "precision-lost", column: "paid", text: "" } as const;

test.each([
  ["precision-lost", true],
  ["precision-lost:people", true],
  ["precision-lost:people.paid", true],
  ["precision-lost:people.born", false],
  ["precision-lost:person", false],
  ["value-too-long:people.paid", false],
])("%s accepts a warning of people.paid: %s", (text, accepts) => {
  expect(acceptedBy("people", warning, [acceptanceOf(text)]) !== null).toBe(accepts);
});

test("of a warning about a table as a whole no column is accepted", () => {
  const whole = { ...warning, column: null };
  expect(acceptedBy("people", whole, [acceptanceOf("precision-lost:people.paid")])).toBeNull();
  expect(acceptedBy("people", whole, [acceptanceOf("precision-lost:people")])?.text).toBe("precision-lost:people");
});

test("a code that no warning has is refused with the nearest one", () => {
  expect(() => acceptanceOf("precision-loss:people")).toThrow('Did you mean "precision-lost"?');
});
