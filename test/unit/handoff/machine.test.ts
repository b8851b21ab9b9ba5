import { describe, expect, test } from "vitest";
import {
  type HandoffCommand,
  type HandoffState,
  handoffCommands,
  handoffStates,
  verdictOf,
} from "../../../src/handoff/machine.ts";

/** What can be done where; everything else is a refusal or so already. */
const doable: Record<HandoffState, readonly HandoffCommand[]> = {
  none: ["prepare", "start"],
  prepared: ["prepare", "start", "cancel"],
  positioned: ["start", "cancel"],
  running: ["vdiff", "switch", "cancel"],
  stopped: ["start", "switch", "reverse", "cancel"],
  failed: ["start", "cancel"],
  "half-switched": ["switch", "reverse"],
  switched: ["reverse", "complete"],
  completed: [],
  gone: [],
};

describe.each(handoffStates)("in state %s", (state) => {
  test.each(handoffCommands)("%s", (command) => {
    const verdict = verdictOf(state, command);
    expect(verdict.kind === "go").toBe(doable[state].includes(command));
    if (verdict.kind !== "go") expect(verdict.why).toMatch(/^[A-Z].*\.$/);
    if (verdict.kind === "refused") expect(verdict.todo).toMatch(/^[A-Z`].*\.$/);
  });
});

test("what has the traffic is never cancelled", () => {
  for (const state of ["switched", "half-switched", "completed"] as const) {
    expect(verdictOf(state, "cancel").kind).toBe("refused");
  }
});
