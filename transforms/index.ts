import type { TransformDefinition } from "../src/contracts/transform.ts";
import { letterCase } from "./case.ts";
import { cast } from "./cast.ts";
import { charsetRepair } from "./charset-repair.ts";
import { clamp } from "./clamp.ts";
import { copy } from "./copy.ts";
import { dateShift } from "./date-shift.ts";
import { dateTruncate } from "./date-truncate.ts";
import { defaultValue } from "./default.ts";
import { drop } from "./drop.ts";
import { enumRepair } from "./enum-repair.ts";
import { filter } from "./filter.ts";
import { hash } from "./hash.ts";
import { json } from "./json.ts";
import { keep } from "./keep.ts";
import { map } from "./map.ts";
import { mask } from "./mask.ts";
import { noise } from "./noise.ts";
import { nullify } from "./nullify.ts";
import { offset } from "./offset.ts";
import { prefix } from "./prefix.ts";
import { pseudonym } from "./pseudonym.ts";
import { redact } from "./redact.ts";
import { rename } from "./rename.ts";
import { replace } from "./replace.ts";
import { round } from "./round.ts";
import { set } from "./set.ts";
import { sql } from "./sql.ts";
import { substring } from "./substring.ts";
import { template } from "./template.ts";
import { timezone } from "./timezone.ts";
import { trim } from "./trim.ts";
import { zeroDate } from "./zero-date.ts";

/** The built-in transforms by name, in the order of the reference. */
export const builtIns: ReadonlyMap<string, TransformDefinition> = new Map(
  [
    // Columns and rows
    listed(keep),
    listed(rename),
    listed(drop),
    listed(set),
    listed(copy),
    listed(filter),
    // Values of any kind
    listed(sql),
    listed(cast),
    listed(map),
    listed(defaultValue),
    listed(nullify),
    // Personal data
    listed(redact),
    listed(mask),
    listed(hash),
    listed(pseudonym),
    listed(noise),
    // Text
    listed(template),
    listed(prefix),
    listed(letterCase),
    listed(trim),
    listed(substring),
    listed(replace),
    listed(charsetRepair),
    listed(enumRepair),
    listed(json),
    // Numbers
    listed(offset),
    listed(clamp),
    listed(round),
    // Dates
    listed(zeroDate),
    listed(dateTruncate),
    listed(dateShift),
    listed(timezone),
  ].map((definition) => [definition.name, definition]),
);

/** The list knows nothing of its members' parameters: each is given only what its own schema made. */
function listed<P>(definition: TransformDefinition<P>): TransformDefinition {
  return definition as unknown as TransformDefinition;
}
