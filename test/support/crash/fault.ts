/** What may be wrong after a kill. */
export type FaultKind = "lost" | "doubled" | "different" | "hung" | "other";

/** A promise that was not kept. */
export class Fault extends Error {
  readonly kind: FaultKind;
  /** How many rows are lost or doubled. */
  readonly rows: number;

  constructor(kind: FaultKind, message: string, rows = 0) {
    super(message);
    this.kind = kind;
    this.rows = rows;
  }
}

/** Throws when rows that should be there are missing, or when there are more of them than there should be; a row is its text. */
export function expectSameBag(what: string, wanted: readonly string[], found: readonly string[]): void {
  const { lost, more } = compareBags(wanted, found);
  if (more.length > 0)
    throw new Fault("doubled", `${what} has ${more.length} rows too many: ${shown(more)}`, more.length);
  if (lost.length > 0) throw new Fault("lost", `${what} lacks ${lost.length} rows: ${shown(lost)}`, lost.length);
}

/** Throws when there are rows that should not be there, or more of them than there should be. */
export function expectNoneTooMany(what: string, wanted: readonly string[], found: readonly string[]): void {
  expectSameBag(what, wanted, [...found, ...compareBags(wanted, found).lost]);
}

function compareBags(wanted: readonly string[], found: readonly string[]): { lost: string[]; more: string[] } {
  const left = new Map<string, number>();
  for (const row of wanted) left.set(row, (left.get(row) ?? 0) + 1);
  const more = found.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
  const lost = [...left].flatMap(([row, count]) => Array.from({ length: Math.max(0, count) }, () => row));
  return { lost, more };
}

const shown = (rows: readonly string[]): string =>
  rows
    .slice(0, 3)
    .map((row) => row.slice(0, 80))
    .join("; ");
