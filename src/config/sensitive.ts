import type { Column } from "../contracts/schema.ts";
import { globMatcher } from "./glob.ts";

/**
 * What columns of personal data and of secrets are mostly called, in English. A column called just `name` is as often a
 * product's as a person's, so it is not here.
 */
export const defaultSensitive: readonly string[] = [
  ...["email", "*email*", "phone", "*phone", "mobile", "fax"],
  ...["first_name", "last_name", "full_name", "middle_name", "given_name", "family_name", "surname", "maiden_name"],
  ...["birth*", "dob", "address", "*address", "addr", "street", "zip", "zip_code", "postcode", "postal_code", "ip"],
  ...["ssn", "social_security", "national_id", "tax_id", "passport", "iban", "bic", "account_number"],
  ...["card", "credit_card*", "cvv", "cvc"],
  ...["password", "*password*", "*passwd*", "pwd", "passphrase", "secret", "token", "api_key", "private_key"],
];

/** The entry of `sensitive` that stands for {@link defaultSensitive}. */
export const defaultEntry = "default";

/** Words after which a name is about the thing and not the thing: `address_id`, `email_sent_at`, `token_count`. */
const aboutWords: ReadonlySet<string> = new Set(["id", "ids", "at", "count"]);

/** Does a column have a name that one of the patterns stands for? The pattern is given back, for messages; else null. */
export type SensitiveMatcher = (column: Pick<Column, "name" | "type">) => string | null;

/**
 * Compiles `sensitive`. A pattern is compared with neighbouring words of a name (`card` with `card_number`, `cardNumber`, not with
 * `discarded`; `first_name` with `firstName`, `user_firstname`), without case, plural or not. One with `*` or `?` is compared
 * with each word. Columns of yes and no (`email_verified tinyint(1)`) are not sensitive.
 */
export function sensitiveMatcher(patterns: readonly string[]): SensitiveMatcher {
  const all = patterns.flatMap((pattern) => (pattern === defaultEntry ? defaultSensitive : [pattern]));
  const tests = all.map((pattern) => ({ pattern, glob: /[*?]/.test(pattern), matches: wordMatcher(pattern) }));
  // Thousands of tables have columns of the same few names, and each takes all the tests.
  const known = new Map<string, string | null>();
  return ({ name, type }) => {
    if (/^(?:tinyint|bit)\(1\)/i.test(type)) return null;
    const before = known.get(name);
    if (before !== undefined) return before;
    const words = wordsOf(name);
    const [single, joined] = [runsOf(words, true), runsOf(words, false)];
    const found = tests.find(({ glob, matches }) => (glob ? single : joined).some(matches));
    const pattern = found?.pattern ?? null;
    if (known.size < mostKnown) known.set(name, pattern);
    return pattern;
  };
}

/** Names remembered; beyond that each is looked at again. */
const mostKnown = 10_000;

/** `cardNumber`, `CARD_NUMBER`, `card-number2` as their words in lower case, numbers apart. */
export function wordsOf(name: string): string[] {
  return (name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\p{Lu}\p{N}\P{L}]+|\p{N}+/gu) ?? []).map((word) => word.toLowerCase());
}

/** Neighbouring words as one text each: single ones only, or all there are. */
function runsOf(words: readonly string[], single: boolean): string[] {
  const last = words.length - 1;
  const isAbout = aboutWords.has(words[last] ?? "");
  return words.flatMap((_, from) =>
    words.slice(from, single ? from + 1 : words.length).flatMap((_, length) => {
      const to = from + length;
      return isAbout && to < last ? [] : [words.slice(from, to + 1).join("")];
    }),
  );
}

/** Of a word as the pattern has it, or its plural. */
function wordMatcher(pattern: string): (word: string) => boolean {
  const one = pattern.toLowerCase().replace(/[^\p{L}\p{N}*?]+/gu, "");
  const forms = [one, `${one}s`, `${one}es`].map(globMatcher);
  return (word) => forms.some((matches) => matches(word));
}
