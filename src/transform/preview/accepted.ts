import { VtpipeError } from "../../contracts/errors.ts";
import { didYouMean } from "../../contracts/nearest-name.ts";
import { type PreviewWarning, previewCodes } from "../../contracts/preview.ts";

/** One warning, or a kind of them, that somebody has looked at and takes as it is. */
export interface Acceptance {
  /** As it was given: `CODE`, `CODE:table` or `CODE:table.column`. */
  readonly text: string;
  readonly code: string;
  /** null: wherever it is told. */
  readonly place: string | null;
}

/** Throws a `usage` error for a code that no warning has. */
export function acceptanceOf(text: string): Acceptance {
  const colon = text.indexOf(":");
  const code = colon === -1 ? text : text.slice(0, colon);
  if (previewCodes.some((known) => known === code)) {
    return { text, code, place: colon === -1 ? null : text.slice(colon + 1) };
  }
  throw new VtpipeError({
    code: "usage",
    message: `--accept ${text}: no warning has the code "${code}".${didYouMean(code, previewCodes)}`,
    now: "No row was read; nothing was changed.",
    todo: `Write CODE, CODE:table or CODE:table.column, with one of: ${previewCodes.join(", ")}.`,
  });
}

/** The first acceptance that covers the warning of a table, which is named as at the source; its column as after the chain. */
export function acceptedBy(
  table: string,
  { code, column }: PreviewWarning,
  accepted: readonly Acceptance[],
): Acceptance | null {
  const places = [null, table, `${table}.${column}`];
  return accepted.find((one) => one.code === code && places.includes(one.place)) ?? null;
}
