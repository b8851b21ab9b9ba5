/** A row that is not the same on both sides; `columns` are those whose cells differ. */
export interface Difference {
  /** SQL literal of the key, `(1, 'a')` for a composite one; for a table without a key a description of the row. */
  readonly key: string;
  readonly columns: readonly string[];
  readonly what: "missing" | "different" | "extra";
}

/** How many rows differ, by kind: not on the target, other cells there, there but not in the files. */
export interface DifferenceCounts {
  readonly missing: number;
  readonly different: number;
  readonly extra: number;
}

/** Counts every difference, keeps the first few. */
export interface Findings {
  readonly differences: readonly Difference[];
  readonly counts: DifferenceCounts;
  /** Full sentences about what could not be told. */
  readonly notes: readonly string[];
  add(difference: Difference): void;
  /** Differences that are known to be there but have no name. */
  addUnnamed(what: Difference["what"], rows: number): void;
  note(text: string): void;
}

export function newFindings(limit: number, onDifference: (difference: Difference) => void): Findings {
  const differences: Difference[] = [];
  const notes: string[] = [];
  const counts = { missing: 0, different: 0, extra: 0 };
  return {
    differences,
    counts,
    notes,
    add(difference) {
      counts[difference.what] += 1;
      if (differences.length >= limit) return;
      differences.push(difference);
      onDifference(difference);
    },
    addUnnamed(what, rows) {
      counts[what] += rows;
    },
    note: (text) => void notes.push(text),
  };
}

/** For rows that cannot be compared one by one: what their numbers tell, and at least one, because checksums differed. */
export function addByCount(findings: Findings, fileRows: number, targetRows: number): void {
  const more = targetRows - fileRows;
  findings.addUnnamed(more < 0 ? "missing" : more > 0 ? "extra" : "different", Math.max(1, Math.abs(more)));
}
