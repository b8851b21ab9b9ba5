import * as z from "zod";
import { defineTransform, type TransformDefinition } from "../src/contracts/transform.ts";
import { hmacSha256 } from "./digests/hmac.ts";
import { cellStep } from "./parts/cell-step.ts";
import { columnName, saltText } from "./parts/parameters.ts";
import { type Persona, personas } from "./parts/personas.ts";
import { asText, textKinds } from "./parts/text.ts";

interface PseudonymParameters {
  readonly column: string;
  readonly kind: Persona;
  readonly salt: string;
}

const kinds = ["email", "name", "phone", "uuid", "ip"] as const satisfies readonly Persona[];

export const pseudonym: TransformDefinition<PseudonymParameters> = defineTransform({
  name: "pseudonym",
  purpose: "Replaces values by invented ones: the same for the same value in every table, so that joins survive.",
  parameters: z.strictObject({
    column: columnName,
    kind: z.enum(kinds).meta({
      description:
        "`email` u<16 hex digits>@example.com, `name` a first and last name, `phone` +1555 and 7 digits, `uuid` a random-looking UUID, `ip` an address in 10.0.0.0/8.",
      expected: "email, name, phone, uuid or ip",
    }),
    salt: saltText,
  }),
  facts: {
    accepts: textKinds,
    nulls: "NULL stays NULL; an empty text gets a pseudonym too.",
    twin: "Yes.",
    collisions:
      "`uuid` (120 bits) none; `email` (64 bits) 1 in 37 for 10^9 different values; `ip` (16.7 million), `phone` (10 million) and `name` (4096) are shared by different values soon.",
  },
  plan({ column, kind, salt }, input) {
    const before = input.column(column, textKinds);
    const persona = personas[kind];
    const { length } = before;
    if (length !== null && length < persona.longest) {
      input.refuse(
        `"${before.name}" (${before.type}) is too short for ${kind} pseudonyms.`,
        `They have up to ${persona.longest} characters.`,
      );
    }
    const hmac = hmacSha256(salt);
    return cellStep(input, {
      before,
      edit(row, value) {
        const text = persona.make(hmac.digest(value));
        const cell = row.write(before.slot, text.length);
        cell.end += cell.bytes.write(text, cell.start, "latin1");
      },
      twin: (bytes) => asText(`IF(${bytes} IS NULL, NULL, ${persona.sql(hmac.sql(bytes))})`),
      collisions: persona.shared
        ? [
            `Pseudonyms of kind ${kind} are few: different values of "${before.name}" will share one, which a unique key refuses.`,
          ]
        : [],
    });
  },
});
