import type { Unmoved } from "../../src/contracts/schema.ts";

/** What stays behind, one a line; empty when everything moves. */
export function unmovedText(unmoved: readonly Unmoved[]): string {
  if (unmoved.length === 0) return "";
  return ["Does not move:", ...unmoved.map(({ what, name, why }) => `  ${what} ${name}: ${why}`)].join("\n");
}
