import type { Kinds } from "./cells.ts";

/**
 * What each verb is killed at, with about how many of each there are with the matrix's tables; a test holds that each kind occurs.
 * `pace`, `chunk:size`, `difference` and others that tables at rest do not bring about are left out.
 */
const reading = {
  "event snapshot": 1,
  "event table:dumped": 5,
  "record snapshot": 1,
  "record span": 6,
  "record split": 5,
  "record dumped": 40,
} satisfies Kinds;
const loading = {
  "event table:loaded": 5,
  "event progress": 3,
  "record keys": 2,
  "record loading": 40,
  "record loaded": 40,
} satisfies Kinds;
const verifying = { "event table:verified": 5, "record verified": 5 } satisfies Kinds;
const beginning = { start: 1, "event note": 1 } satisfies Kinds;

/** Of tables at rest. */
export const stillVerbs = {
  dump: { ...reading, start: 1, "event warning": 1, "event table:planned": 6, "event progress": 2, "record run": 1 },
  load: { ...beginning, ...loading, ...verifying, "record run": 1 },
  run: { ...beginning, ...reading, ...loading, ...verifying, "event table:planned": 6 },
  "run without files": { "record dumped": 40, "record loading": 40, "record loaded": 40 },
  verify: { ...beginning, ...verifying },
} as const satisfies Readonly<Record<string, Kinds>>;

/** One of two sources that are consolidated at the same time, each by a run of its own. */
export const consolidatedVerbs = {
  "run beside another": {
    ...beginning,
    "event snapshot": 1,
    "event table:loaded": 2,
    "record dumped": 8,
    "record loading": 8,
    "record loaded": 8,
  },
} as const satisfies Readonly<Record<string, Kinds>>;

/** Under a writer; what a run has copied, `follow` brings to one position. */
export const writtenVerbs = {
  "run under writes": {
    ...beginning,
    "event snapshot": 1,
    "record dumped": 8,
    "record loading": 8,
    "record loaded": 8,
  },
} as const satisfies Readonly<Record<string, Kinds>>;
export const followVerbs = {
  follow: { start: 1, "event note": 2, "event follow": 2, "record follow": 1 },
} as const satisfies Readonly<Record<string, Kinds>>;

export const copyVerbs = { ...stillVerbs, ...consolidatedVerbs, ...writtenVerbs, ...followVerbs } as const;
export type CopyVerb = keyof typeof copyVerbs;

/** In the order of a handoff; each begins where the one before it has come to its end. */
export const handoffVerbs = {
  "handoff prepare": { start: 1, "event note": 1, "event step": 1, "record handoff": 1 },
  "handoff start": { start: 1, "event note": 1, "event step": 6, "record handoff": 1 },
  vdiff: { start: 1, "event note": 1, "event table:verified": 1 },
  switch: { start: 1, "event note": 1, "event step": 5 },
  reverse: { start: 1, "event step": 2 },
  complete: { start: 1, "event step": 2, "record handoff": 1 },
  cancel: { start: 1, "event step": 3 },
} as const satisfies Readonly<Record<string, Kinds>>;
export type HandoffVerb = keyof typeof handoffVerbs;
