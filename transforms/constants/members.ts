import type { Column } from "../../src/contracts/schema.ts";

/** The member of an enum, or members of a set in the type's order, that `text` names; null when one is unknown. */
export function memberText(column: Column, text: string): string | null {
  const members = Array.from(column.type.matchAll(/'((?:[^']|'')*)'/g), ([, member = ""]) =>
    member.replaceAll("''", "'"),
  );
  if (column.kind === "enum") return members.includes(text) ? text : null;
  const chosen = text === "" ? [] : text.split(",");
  if (!chosen.every((member) => members.includes(member))) return null;
  return members.filter((member) => chosen.includes(member)).join(",");
}
