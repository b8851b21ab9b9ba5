import { describe, expect, test } from "vitest";
import { sensitiveMatcher, wordsOf } from "../../../src/config/sensitive.ts";

const byDefault = sensitiveMatcher(["default"]);
const text = (name: string) => ({ name, type: "varchar(190)" });

test("names are cut into words however they are written", () => {
  expect(wordsOf("card_number")).toEqual(["card", "number"]);
  expect(wordsOf("cardNumber2")).toEqual(["card", "number", "2"]);
  expect(wordsOf("userIPAddress")).toEqual(["user", "ip", "address"]);
  expect(wordsOf("EMAIL")).toEqual(["email"]);
  expect(wordsOf("Straße-Nr Élan")).toEqual(["straße", "nr", "élan"]);
  expect(wordsOf("__")).toEqual([]);
});

describe("the default list", () => {
  test.each([
    ...["email", "EMAIL", "eMail", "e_mail", "user_email", "contactEmail", "emails", "email2", "emailaddress"],
    ...["phone", "telephone", "homePhone", "phones", "mobile"],
    ...["first_name", "firstName", "firstname", "user_first_name", "surname"],
    ...["birth_date", "birthday", "date_of_birth", "dateOfBirth", "dob"],
    ...["address", "addresses", "ip_address", "ip", "last_ip", "zip", "zipCode", "postcode"],
    ...["ssn", "SSNNumber", "national_id", "iban", "card", "card_number", "cardNumber", "credit_cards", "cvv"],
    ...["password", "password_hash", "userpasswd", "api_key", "apiKey", "token", "access_token", "client_secret"],
  ])("knows %s", (name) => {
    expect(byDefault(text(name))).not.toBeNull();
  });

  test.each([
    ...["discarded", "cardinality", "wildcard", "shipping", "ship", "zipped", "classname", "name", "tokenizer"],
    ...["address_id", "billing_address_id", "card_ids", "email_sent_at", "passwordChangedAt", "token_count"],
    ...["description", "mobility", "id", "expires_at", ""],
  ])("passes %s", (name) => {
    expect(byDefault(text(name))).toBeNull();
  });

  test("passes columns of yes and no", () => {
    expect(byDefault({ name: "email_verified", type: "tinyint(1)" })).toBeNull();
    expect(byDefault({ name: "has_phone", type: "bit(1)" })).toBeNull();
    expect(byDefault({ name: "email_verified", type: "int" })).toBe("email");
  });
});

test("a list of one's own takes the default's place, or extends it", () => {
  const own = sensitiveMatcher(["member_number", "kvk*"]);
  expect(own(text("email"))).toBeNull();
  expect([own(text("memberNumber")), own(text("old_membernumbers"))]).toEqual(["member_number", "member_number"]);
  expect([own(text("kvknr")), own(text("xkvk"))]).toEqual(["kvk*", null]);
  const both = sensitiveMatcher(["default", "member_number"]);
  expect([both(text("email")), both(text("member_number"))]).toEqual(["email", "member_number"]);
  expect(sensitiveMatcher([])(text("email"))).toBeNull();
});

test("a name that was seen is remembered for its own matcher and its own type only", () => {
  const matcher = sensitiveMatcher(["email"]);
  expect(matcher(text("email"))).toBe("email");
  expect(matcher(text("email"))).toBe("email");
  expect(matcher({ name: "email", type: "tinyint(1)" })).toBeNull();
  expect(matcher(text("phone"))).toBeNull();
  expect(sensitiveMatcher(["phone"])(text("phone"))).toBe("phone");
});
