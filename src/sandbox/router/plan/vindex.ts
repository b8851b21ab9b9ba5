import { vindexFunction } from "../../../vitess/vindexes/vindex-function.ts";
import type { Keyspace } from "../keyspace.ts";
import { refusal } from "../refusal.ts";
import type { VindexInput } from "../sql/literals.ts";

/** The keyspace id a vindex gives a literal, or null for "no destination". */
export type KeyspaceId = (value: VindexInput) => Uint8Array | null;

/** The function behind a vindex of the VSchema; refuses the types that cannot be computed exactly here. */
export function keyspaceIdFunction(keyspace: Keyspace, name: string): KeyspaceId {
  const vindex = keyspace.vschema.vindexes.get(name);
  if (vindex === undefined) throw refusal(`the vindex "${name}", which the VSchema does not define,`);
  const functions = {
    integer: vindexFunction(vindex.type, { kind: "integer" }),
    text: vindexFunction(vindex.type, { kind: "text" }),
    binary: vindexFunction(vindex.type, { kind: "binary" }),
  };
  return (value) => {
    const compute = functions[value.kind === "null" ? "binary" : value.kind];
    if (compute === null) throw refusal(`the vindex type ${vindex.type} (of "${name}")`);
    return compute([value.kind === "null" ? null : value.bytes])[0] ?? null;
  };
}
