/**
 * Something about the source or the target the user should know before anything is read or sent. A refusal ends the job
 * before it begins.
 */
export interface Finding {
  readonly severity: "refusal" | "warning";
  /** Stable name for machines, e.g. `missing-grant`, `target-not-empty`. */
  readonly code: string;
  /** What is true, naming the thing. */
  readonly text: string;
  /** What the user can do about it. */
  readonly todo: string;
  readonly table?: string;
  readonly column?: string;
}
