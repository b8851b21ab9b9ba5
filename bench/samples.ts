import type { BenchTimeline } from "../src/contracts/bench.ts";
import type { Measured } from "./measure.ts";

/** A table of the report: programs that are compared with each other. */
export type Group = "dump" | "load" | "run" | "handoff" | "memory" | "tables" | "skew" | "growth" | "pieces" | "shards";

/** One program measured once. */
export interface Sample extends Omit<Measured, "stdout" | "failure"> {
  readonly group: Group;
  readonly name: string;
  readonly rows: number;
  /** What it left on the disk; null when it leaves nothing. */
  readonly bytesOut: number | null;
  /** What else was found out, by names of the section's own. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** A program that cannot be measured here, and why. */
export interface Absent {
  readonly group: Group;
  readonly name: string;
  readonly why: string;
}

/** One program of a comparison, or a few that only make sense one after the other. */
export interface Peer {
  readonly group: Group;
  readonly name: string;
  /** null: it can be run. Otherwise the reason why not. */
  readonly absent: string | null;
  run(): Promise<readonly Sample[]>;
}

export interface Results {
  readonly samples: readonly Sample[];
  readonly absent: readonly Absent[];
  readonly timelines?: readonly BenchTimeline[];
}

export function together(parts: readonly Results[]): Results {
  return {
    samples: parts.flatMap(({ samples }) => samples),
    absent: parts.flatMap(({ absent }) => absent),
    timelines: parts.flatMap(({ timelines = [] }) => timelines),
  };
}

/** Programs may have the same name in several groups. */
export function inGroup(results: Results, group: Group): Results {
  const own = ({ group: its }: { readonly group: Group }): boolean => its === group;
  return { samples: results.samples.filter(own), absent: results.absent.filter(own) };
}

/**
 * Runs all peers in every round, backwards in every second one, so that none always finds the caches as the same other
 * one left them. A peer that fails is not tried again; its failure is a result, too.
 */
export async function measureRounds(
  peers: readonly Peer[],
  rounds: number,
  say: (text: string) => void,
): Promise<Results> {
  const samples: Sample[] = [];
  const absent = new Map<Peer, Absent>();
  const leaveOut = ({ group, name }: Peer, why: string): Absent => ({ group, name, why });
  for (const peer of peers) if (peer.absent !== null) absent.set(peer, leaveOut(peer, peer.absent));
  for (let round = 1; round <= rounds; round++) {
    for (const peer of round % 2 === 1 ? peers : [...peers].reverse()) {
      if (absent.has(peer)) continue;
      say(`round ${round} of ${rounds}, ${peer.group}: ${peer.name}`);
      try {
        samples.push(...(await peer.run()));
      } catch (error) {
        absent.set(peer, leaveOut(peer, (error as Error).message));
      }
    }
  }
  return { samples, absent: [...absent.values()] };
}
