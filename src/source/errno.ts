import { VtpipeError } from "../contracts/errors.ts";

/** The server's own error number behind an error of ours; null when the server gave none. */
export function errnoOf(error: unknown): number | null {
  const errno = error instanceof VtpipeError ? error.context["errno"] : undefined;
  return typeof errno === "number" ? errno : null;
}
