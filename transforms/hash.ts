import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { hmacSha256 } from "./digests/hmac.ts";

type Encoding = "hex" | "base64" | "bigint";

interface HashParameters {
  readonly column: string;
  readonly salt: string;
  readonly encoding: Encoding;
}

const types: Readonly<Record<Encoding, string>> = {
  hex: "char(64) character set ascii collate ascii_bin",
  base64: "char(44) character set ascii collate ascii_bin",
  bigint: "bigint unsigned",
};

/**
 * HMAC-SHA-256 of a cell's bytes (text as utf8mb4, numbers and dates as MySQL prints them); NULL stays NULL. Equal
 * values give equal hashes in every table, so joins survive. Two values of one column share a hash only with
 * `bigint`, which keeps 64 bits: about 1 in 37 for 10^9 different values.
 */
export const hash: TransformDefinition<HashParameters> = defineTransform({
  name: "hash",
  purpose: "Replaces a column's values by their HMAC-SHA-256.",
  parameters: z.strictObject({
    column: z.string().min(1).meta({ description: "The column.", expected: "a column name" }),
    salt: z.string().min(1).meta({
      description: "Secret key; without it nobody can test guesses. Best from an environment variable.",
      expected: "a text that is not empty",
      secret: true,
    }),
    encoding: z
      .enum(["hex", "base64", "bigint"])
      .meta({
        description: "`hex` makes the column char(64), `base64` char(44), `bigint` bigint unsigned (first 64 bits).",
        expected: "hex, base64 or bigint",
      })
      .default("hex"),
  }),
  facts: {
    accepts: null,
    nulls: "NULL stays NULL.",
    twin: "Yes.",
    collisions: "None with `hex` and `base64`; `bigint` keeps 64 bits, 1 in 37 for 10^9 different values.",
  },
  plan({ column, salt, encoding }, input) {
    const before = input.column(column);
    const after = input.retype(before, types[encoding]);
    const { slot } = before;
    const hmac = hmacSha256(salt);
    return {
      columns: input.columns.map((c) => (c === before ? after : c)),
      writes: [slot],
      rows(row) {
        const value = row.span(slot);
        if (value === null) return true;
        const text = encoding === "bigint" ? firstBits(hmac.digest(value)) : hmac.text(value, encoding);
        const cell = row.write(slot, text.length);
        cell.end += cell.bytes.write(text, cell.start, "latin1");
        return true;
      },
      twin: (_sql, bytes) => new Map([[slot, twin(hmac.sql(bytes(slot)), encoding)]]),
      collisions:
        encoding === "bigint"
          ? [
              {
                slot,
                text: `Hashes of "${column}" keep 64 of 256 bits; a unique key over them may see two equal ones.`,
              },
            ]
          : [],
    };
  },
});

const firstBits = (digest: Buffer): string => digest.readBigUInt64BE(0).toString();

/** From the digest as hex. */
function twin(hex: string, encoding: Encoding): string {
  if (encoding === "base64") return `TO_BASE64(UNHEX(${hex}))`;
  return encoding === "hex" ? hex : `CAST(CONV(LEFT(${hex}, 16), 16, 10) AS UNSIGNED)`;
}
