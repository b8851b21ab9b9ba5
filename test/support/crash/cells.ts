import type { RunEvent } from "../../../src/contracts/events.ts";
import type { LedgerRecord } from "../../../src/contracts/ledger.ts";
import { randomNumbers } from "../random-numbers.ts";

/** How a program is told to end. The second SIGINT comes as soon as it has said that it heard the first. */
export const signalPlans = ["SIGKILL", "SIGTERM", "SIGINT", "SIGINT twice"] as const;
export type SignalPlan = (typeof signalPlans)[number];

/** What is counted until the moment of a kill: nothing but time, events that are printed, records of the ledger. */
export type Kind = "start" | `event ${RunEvent["type"]}` | `record ${LedgerRecord["type"]}`;

/** Of each kind a verb can be killed at, how many there are: the nth is drawn from 1 to that. */
export type Kinds = Readonly<Partial<Record<Kind, number>>>;

/** A signal so many milliseconds after the nth of a kind, counted from the program's start. */
export interface Kill {
  readonly signals: SignalPlan;
  readonly kind: Kind;
  readonly nth: number;
  readonly delayMs: number;
}

/** A verb that is killed, is given again, and perhaps killed again, before it may come to its end. */
export interface Cell<Verb extends string = string> {
  readonly number: number;
  readonly verb: Verb;
  readonly kills: readonly Kill[];
}

/** A program is ready after a quarter of a second, and a chunk takes some milliseconds. */
const startMs = 500;
const delayMs = 40;

/**
 * The endless cells of a seed: verbs take turns, and a verb's kinds and signals are drawn from those used least, kinds that no
 * verb was killed at before them all. So a few dozen kills meet every verb, kind and signal, and many meet them evenly. Pure.
 */
export function* cellsOf<Verb extends string>(
  seed: number,
  verbs: Readonly<Record<Verb, Kinds>>,
): Generator<Cell<Verb>, never> {
  const random = randomNumbers(seed);
  const names = Object.keys(verbs) as Verb[];
  const used = newUses(random, (kind) => names.filter((verb) => kind in verbs[verb]).length);
  for (let number = 1; ; number++) {
    const verb = names[(number - 1) % names.length] as Verb;
    const kinds = verbs[verb];
    const kills: Kill[] = [];
    const many = random();
    for (let wanted = many < 0.6 ? 1 : many < 0.85 ? 2 : 3; wanted > 0; wanted--) {
      const kind = used.least(Object.keys(kinds) as Kind[], verb);
      // What was done before a kill is not done again, so that less is left to be counted.
      const most = Math.ceil((kinds[kind] ?? 1) / (1 + kills.length));
      kills.push({
        signals: used.least(signalPlans, verb),
        kind,
        nth: kind === "start" ? 1 : 1 + Math.floor(random() * most),
        delayMs: Math.floor(random() * (kind === "start" ? startMs : delayMs)),
      });
    }
    yield { number, verb, kills };
  }
}

/** Remembers what was drawn. Of names that were not, those that the fewest verbs have come first. */
function newUses(
  random: () => number,
  verbsWith: (name: string) => number,
): { least<T extends string>(among: readonly T[], verb: string): T } {
  const uses = new Map<string, number>();
  const usesOf = (name: string): number => uses.get(name) ?? 0;
  return {
    least(among, verb) {
      const own = (name: string): string => `${verb}\n${name}`;
      const fresh = among.filter((name) => usesOf(name) === 0);
      const [those, rank] =
        fresh.length > 0 ? [fresh, verbsWith] : [among, (name: string): number => usesOf(own(name))];
      const lowest = Math.min(...those.map(rank));
      const drawn = those.filter((name) => rank(name) === lowest);
      const name = drawn[Math.floor(random() * drawn.length)] as (typeof among)[number];
      for (const key of [name, own(name)]) uses.set(key, usesOf(key) + 1);
      return name;
    },
  };
}

/** A cell in words, and how to have it again. */
export function cellText({ number, verb, kills }: Cell, name: string, seed: number): string {
  const moments = kills.map(({ signals, kind, nth, delayMs: ms }) => {
    const when = kind === "start" ? "the start" : `${kind} number ${nth}`;
    return `${signals} ${ms} ms after ${when}`;
  });
  return `cell ${name}-${number} of seed ${seed}: ${verb}, ${moments.join(", then ")} (again: VTPIPE_CRASH_SEED=${seed} VTPIPE_CRASH_CELL=${name}-${number} npx vitest run --project faults test/faults/crash-matrix.test.ts)`;
}
