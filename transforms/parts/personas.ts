import { drawn, drawSql } from "./draw.ts";

export type Persona = "email" | "name" | "phone" | "uuid" | "ip";

/** How a digest becomes a pseudonym, in JavaScript and in SQL (from the digest as hex). */
interface Maker {
  readonly longest: number;
  /** Are there so few that different values meet in practice? */
  readonly shared: boolean;
  make(digest: Buffer): string;
  sql(hex: string): string;
}

const words = (text: string): readonly string[] => text.split(" ");
const firstNames = words(
  "Ada Alan Alma Amir Anna Aron Asha Axel Bea Ben Bruno Cara Carl Chen Clara Dana David Diego Edith Elena Emil Emma Eric Esther Eva Felix Finn Gita Greta Hana Hans Hugo Ida Ines Ivan Jan Jane Jonas Jose Karl Kenji Lara Lena Leo Lin Lucia Luis Maja Maria Mark Mila Nina Noah Nora Olga Omar Oscar Paul Petra Rosa Sam Sara Tom Zoe",
);
const lastNames = words(
  "Abel Adams Ahmed Baker Bauer Becker Berg Brown Castro Chan Clark Costa Cruz Davis Diaz Evans Fischer Fox Garcia Gomez Gray Green Hall Hansen Hill Ito Jensen Jones Kaya Keller Khan Kim King Klein Koch Kumar Lang Lee Lopez Mayer Meyer Moreau Moore Nagy Novak Olsen Park Perez Petit Popov Reed Rossi Roth Sato Schmidt Silva Singh Smith Stone Tanaka Vogel Wagner Wang Young",
);

/** The list as SQL's ELT, by a number drawn from the digest. */
const pick = (list: readonly string[], hex: string, from: number): string =>
  `ELT(1 + ${drawSql(hex, list.length, from)}, ${list.map((word) => `x'${Buffer.from(word).toString("hex")}'`).join(", ")})`;
const longestOf = (list: readonly string[]): number => Math.max(...list.map(({ length }) => length));
const literal = (text: string): string => `x'${Buffer.from(text).toString("hex")}'`;
const bytes = (sql: string): string => `CAST(${sql} AS BINARY)`;

const phoneNumbers = 10_000_000;

export const personas: Readonly<Record<Persona, Maker>> = {
  email: {
    longest: 29,
    shared: false,
    make: (digest) => `u${digest.toString("hex", 0, 8)}@example.com`,
    sql: (hex) => `CONCAT(${literal("u")}, ${bytes(`LEFT(${hex}, 16)`)}, ${literal("@example.com")})`,
  },
  name: {
    longest: longestOf(firstNames) + 1 + longestOf(lastNames),
    shared: true,
    make: (digest) =>
      `${firstNames[drawn(digest, firstNames.length)]} ${lastNames[drawn(digest, lastNames.length, 6)]}`,
    sql: (hex) => `CONCAT(${pick(firstNames, hex, 0)}, ${literal(" ")}, ${pick(lastNames, hex, 6)})`,
  },
  phone: {
    longest: 12,
    shared: true,
    make: (digest) => `+1555${String(drawn(digest, phoneNumbers)).padStart(7, "0")}`,
    sql: (hex) => `CONCAT(${literal("+1555")}, ${bytes(`LPAD(${drawSql(hex, phoneNumbers)}, 7, '0')`)})`,
  },
  uuid: {
    longest: 36,
    shared: false,
    make(digest) {
      const hex = digest.toString("hex", 0, 16);
      // Version 4, variant a (10 in its two bits): what a random UUID looks like.
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    sql(hex) {
      const put = (into: string, at: number, length: number, text: string): string =>
        `INSERT(${into}, ${at}, ${length}, ${literal(text)})`;
      const marked = put(put(bytes(`LEFT(${hex}, 32)`), 13, 1, "4"), 17, 1, "a");
      return put(put(put(put(marked, 21, 0, "-"), 17, 0, "-"), 13, 0, "-"), 9, 0, "-");
    },
  },
  ip: {
    longest: 14,
    shared: true,
    make: (digest) => `10.${digest[0]}.${digest[1]}.${digest[2]}`,
    sql(hex) {
      const part = (at: number): string => bytes(`CONV(SUBSTRING(${hex}, ${at}, 2), 16, 10)`);
      return `CONCAT(${literal("10.")}, ${part(1)}, ${literal(".")}, ${part(3)}, ${literal(".")}, ${part(5)})`;
    },
  },
};
