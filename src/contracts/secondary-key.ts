/** A key of a table on the target that is no more than a way to find rows faster: it may be built after them. */
export interface SecondaryKey {
  readonly name: string;
  /** As SHOW CREATE TABLE writes it: KEY `email` (`email`). */
  readonly definition: string;
}
