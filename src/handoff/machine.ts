/**
 * What a handoff can be in, what can be asked of it, and what that means. Pure and total: the compiler refuses a state
 * without an answer to every command.
 */

/** Where the workflow of a lane stands, as Vitess shows it. */
export const handoffStates = [
  "none", // there is no workflow of this name
  "prepared", // streams stand still and have no position
  "positioned", // streams stand still at a position
  "running", // streams follow the source
  "stopped", // streams stand still that were started before: by a command that was killed, or by hand
  "failed", // a stream has given up
  "half-switched", // a switch was begun and not finished
  "switched", // the target has the traffic
  "completed", // the workflow is done with and gone
  "gone", // streams were started once, and there is no workflow any more: it was cancelled
] as const;

export type HandoffState = (typeof handoffStates)[number];

/** The states in a sentence each, for people who look. */
export const stateMeaning: Readonly<Record<HandoffState, string>> = {
  none: "There is no workflow yet.",
  prepared: "Its streams stand still until the copy is done and `vtpipe handoff` starts them.",
  positioned: "Its streams stand still at a position; `vtpipe handoff` starts them.",
  running: "Its streams follow the source, which has the traffic.",
  stopped: "Its streams stand still where a command or somebody stopped them; `vtpipe handoff` starts them again.",
  failed: "A stream has given up; `vtpipe handoff` starts it again once the cause is removed.",
  "half-switched": "A switch was begun and not finished: `vtpipe switch` again, or `vtpipe reverse`.",
  switched: "The target has the traffic; `vtpipe reverse` gives it back, `vtpipe complete` ends the handoff.",
  completed: "The target is on its own.",
  gone: "Its workflow was cancelled: the target's rows are of no known position.",
};

export const handoffCommands = ["prepare", "start", "vdiff", "switch", "reverse", "complete", "cancel"] as const;

export type HandoffCommand = (typeof handoffCommands)[number];

export type Verdict =
  /** To be done. */
  | { readonly kind: "go" }
  /** It is so already; nothing is to be done. */
  | { readonly kind: "already"; readonly why: string }
  /** It cannot be done now. */
  | { readonly kind: "refused"; readonly why: string; readonly todo: string };

const go: Verdict = { kind: "go" };
const already = (why: string): Verdict => ({ kind: "already", why });
const refused = (why: string, todo: string): Verdict => ({ kind: "refused", why, todo });

const done = refused(
  "This handoff is completed: the target is on its own and no workflow is left.",
  "Begin another migration in a run directory and with a workflow name of its own.",
);
const notBegun = refused("There is no workflow yet.", "Begin with `vtpipe handoff`.");
const notStarted = refused("Its streams have not been started.", "Start them with `vtpipe handoff`.");
const gone = refused(
  "Its workflow was started and is gone: it was cancelled, and the target's rows are of no known position.",
  "Copy again, into empty tables and a new run directory.",
);
const standStill = refused(
  "Its streams stand still: a command that stopped them was killed, or somebody stopped them by hand.",
  "Start them again with `vtpipe handoff`.",
);
const streamFailed = refused(
  "A stream has given up.",
  "Look at `vtpipe status --watch`, which names the error and what to do; then `vtpipe handoff` starts the streams again.",
);
const hasTraffic = refused(
  "The target has the traffic already.",
  "`vtpipe reverse` gives it back to the source, `vtpipe complete` ends the handoff.",
);
const half = refused(
  "A switch was begun and not finished.",
  "Run `vtpipe switch` again to finish it, or `vtpipe reverse` to go back.",
);
const noTraffic = refused("The source still has the traffic.", "Switch first, with `vtpipe switch`.");

const table: Readonly<Record<HandoffState, Readonly<Record<HandoffCommand, Verdict>>>> = {
  none: {
    prepare: go,
    start: go,
    vdiff: notBegun,
    switch: notBegun,
    reverse: notBegun,
    complete: notBegun,
    cancel: already("There is no workflow to cancel."),
  },
  prepared: {
    prepare: go, // what a killed preparation left to do, if anything
    start: go,
    vdiff: notStarted,
    switch: notStarted,
    reverse: notStarted,
    complete: notStarted,
    cancel: go,
  },
  positioned: {
    prepare: already("The workflow is prepared."),
    start: go,
    vdiff: notStarted,
    switch: notStarted,
    reverse: notStarted,
    complete: notStarted,
    cancel: go,
  },
  running: {
    prepare: already("Its streams are running."),
    start: already("Its streams are running."),
    vdiff: go,
    switch: go,
    reverse: already("The source has the traffic."),
    complete: noTraffic,
    cancel: go,
  },
  stopped: {
    prepare: already("Its streams were started before."),
    start: go,
    vdiff: standStill,
    switch: go, // what a killed switch left to do; it starts the streams first
    reverse: go, // what a killed reverse left to do
    complete: noTraffic,
    cancel: go,
  },
  failed: {
    prepare: streamFailed,
    start: go,
    vdiff: streamFailed,
    switch: streamFailed,
    reverse: streamFailed,
    complete: streamFailed,
    cancel: go,
  },
  "half-switched": {
    prepare: half,
    start: half,
    vdiff: half,
    switch: go,
    reverse: go,
    complete: half,
    cancel: half,
  },
  switched: {
    prepare: hasTraffic,
    start: hasTraffic,
    vdiff: hasTraffic,
    switch: already("The target has the traffic."),
    reverse: go,
    complete: go,
    cancel: refused("The target has the traffic.", "Give it back with `vtpipe reverse`, then cancel."),
  },
  completed: {
    prepare: done,
    start: done,
    vdiff: done,
    switch: already("The target has the traffic, and the handoff is completed."),
    reverse: done,
    complete: already("The handoff is completed."),
    cancel: done,
  },
  gone: {
    prepare: gone,
    start: gone,
    vdiff: gone,
    switch: gone,
    reverse: gone,
    complete: gone,
    cancel: already("The workflow is gone."),
  },
};

/** What `command` means for a lane in `state`. */
export function verdictOf(state: HandoffState, command: HandoffCommand): Verdict {
  return table[state][command];
}
