import type { Kill } from "./cells.ts";
import { Fault, type FaultKind } from "./fault.ts";

/** Counts what a matrix came to. */
export interface Tally {
  /** Kills that ended a program at work. */
  readonly hits: number;
  begin(verb: string): void;
  count(verb: string, kill: Kill, end: "killed" | "too late"): void;
  fault(error: unknown): void;
  /** What was hit at least once: verbs and signals. */
  readonly hit: ReadonlySet<string>;
  /** All of it in one line. */
  line(name: string, seed: number): string;
}

export function newTally(): Tally {
  const began = performance.now();
  let cells = 0;
  let [hits, late] = [0, 0];
  const byVerb = new Map<string, number>();
  const hit = new Set<string>();
  const missed = new Set<string>();
  const faults: Record<FaultKind, number> = { lost: 0, doubled: 0, different: 0, hung: 0, other: 0 };
  return {
    get hits() {
      return hits;
    },
    hit,
    begin(verb) {
      cells++;
      if (!byVerb.has(verb)) byVerb.set(verb, 0);
    },
    count(verb, { signals, kind }, end) {
      if (end === "too late") {
        late++;
        missed.add(kind);
        return;
      }
      hits++;
      byVerb.set(verb, (byVerb.get(verb) ?? 0) + 1);
      for (const what of [verb, signals, kind]) hit.add(what);
    },
    fault(error) {
      if (!(error instanceof Fault)) faults.other++;
      else faults[error.kind] += Math.max(1, error.rows);
    },
    line(name, seed) {
      const verbs = [...byVerb].map(([verb, count]) => `${verb} ${count}`).join(", ");
      const never = [...missed].filter((kind) => !hit.has(kind));
      const missedText = never.length > 0 ? `; always too late: ${never.join(", ")}` : "";
      const seconds = Math.round((performance.now() - began) / 1000);
      const { lost, doubled, different, hung, other } = faults;
      const found = `rows lost ${lost}, doubled ${doubled}, tables different ${different}, hangs ${hung}, other faults ${other}`;
      return `crash matrix, ${name}: seed ${seed}, ${cells} cells, ${hits} kills hit, ${late} came too late; hit ${verbs}; ${found}; ${seconds} s${missedText}\n`;
    },
  };
}
