import type { Finding } from "../../contracts/finding.ts";

/** Names in the config's rules that no table has, each with the nearest name there is. */
export function unknownTables(named: readonly string[], existing: readonly string[]): readonly Finding[] {
  const known = new Set(existing);
  return named
    .filter((name) => !known.has(name))
    .map((name) => {
      const near = nearest(name, existing);
      return {
        severity: "refusal",
        code: "unknown-table",
        table: name,
        text: `The config has rules for table ${name}, which the source does not have.`,
        todo:
          near === null
            ? "Correct the name or remove the rule."
            : `Did you mean ${near}? Correct the name or remove the rule.`,
      };
    });
}

/** The name with the fewest edits, if they are few enough to be a slip; null otherwise. */
function nearest(name: string, candidates: readonly string[]): string | null {
  let best: { candidate: string; edits: number } | null = null;
  for (const candidate of candidates) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (best === null || edits < best.edits) best = { candidate, edits };
  }
  return best !== null && best.edits <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : null;
}

/** Levenshtein's, one row of the table at a time. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
