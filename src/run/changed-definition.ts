import { asVtpipeError, VtpipeError } from "../contracts/errors.ts";

/** ER_TABLE_DEF_CHANGED: the table was altered after our transaction began, and InnoDB has no older form of it. */
const TABLE_DEF_CHANGED = 1412;

export function isChangedDefinition(error: unknown): boolean {
  return asVtpipeError(error).context["errno"] === TABLE_DEF_CHANGED;
}

/** Tables were altered under the dump. What is in its files may be rows of two forms. */
export function changedDefinition(tables: readonly string[], when: string, cause?: unknown): VtpipeError {
  return new VtpipeError({
    code: "source",
    message: `The definition of ${tables.join(", ")} changed ${when}.`,
    now: "The dump is not marked complete, so nothing that depends on it will use it.",
    todo: "Let no ALTER, DROP or RENAME run meanwhile (grant BACKUP_ADMIN and vtpipe holds them off), then start again in an empty directory.",
    context: { table: tables[0] ?? "" },
    cause,
  });
}
