import { VtpipeError } from "../contracts/errors.ts";

/** The `config` error for a step that cannot be used as it is written; `path` is its place in the config. */
export function stepRefused(table: string, path: string, message: string, todo: string, column?: string): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `${path}: ${message}`,
    now: "Nothing was read or changed.",
    todo,
    context: { table, ...(column === undefined ? {} : { column }) },
  });
}
