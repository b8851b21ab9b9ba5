import type { TransformDefinition } from "../src/contracts/transform.ts";
import { drop } from "./drop.ts";
import { hash } from "./hash.ts";
import { rename } from "./rename.ts";
import { set } from "./set.ts";

/** The built-in transforms by name. */
export const builtIns: ReadonlyMap<string, TransformDefinition> = new Map(
  [listed(rename), listed(drop), listed(set), listed(hash)].map((definition) => [definition.name, definition]),
);

/** The list knows nothing of its members' parameters: each is given only what its own schema made. */
function listed<P>(definition: TransformDefinition<P>): TransformDefinition {
  return definition as unknown as TransformDefinition;
}
