import { newCeiling } from "./ceiling.ts";
import { type Neighbour, newClimb } from "./climb.ts";
import { type Pace, type PaceBounds, paceOf, type Setting, sizeRange, within } from "./pace-bounds.ts";
import type { Refusal } from "./trouble.ts";

/** A statement that the target has acknowledged. */
export interface Answer {
  readonly rows: number;
  /** Of row data. */
  readonly bytes: number;
  /** From sending to the answer. */
  readonly milliseconds: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number;
  /** What a controller's `ticket` was when the statement's rows were taken. */
  readonly ticket: number;
  /** Can its speed be held against that of the statements before? Not while strategies take turns. */
  readonly comparable: boolean;
  readonly table: string;
}

/** Why the pace is another one: the target pushed back or was slow, it has been calm since, or it was measured. */
export type PaceReason = "refused" | "slow" | "calm" | "faster";

export interface PaceChange extends Pace {
  readonly because: PaceReason;
  readonly why: string;
  readonly table: string;
}

/**
 * Controls how fast one worker's rows go to one destination: statements in flight, and rows and bytes of each. Asked once
 * per statement. It halves at once what the target refuses, gives it back bit by bit, and otherwise changes only what
 * was measured to be clearly faster. Pure: it has no clock and sends nothing.
 */
export interface PaceController {
  readonly pace: Pace;
  /** Changes with every reduction; what was sent before it and is refused after it says nothing new. */
  readonly ticket: number;
  /** A statement got its place; `waited`: not at once, so it is the target that limits. */
  leased(waited: boolean, at: number): void;
  answered(answer: Answer): void;
  refused(refusal: Refusal, ticket: number, table: string): void;
}

/** An answer should not take longer: vttablet ends statements after 20 to 30 s, and retries repeat all of one. */
const SLOW_MS = 2_000;
/** An answer this slow counts by itself; of shorter ones it takes two in a row, as any disk pauses at times. */
const VERY_SLOW_MS = 10_000;
/** Nothing sent for so long: the rows were not there, and what was measured ends. */
const PAUSE_MS = 250;
/** Of the latest statements so many must have waited for a place, or the target's speed is not what is measured. */
const WAITED_LEAST = 0.25;
const SIZE_STEP = 0.25;

const refusals: Readonly<Record<Refusal, string>> = {
  places: "the target has no place left for a statement",
  throttled: "the target throttles",
  payload: "the target does not take statements that large",
  time: "a statement ran out of time",
};

/** What is lowered, and what instead when that cannot be. */
const remedies: Readonly<Record<Refusal, readonly ("sessions" | "size")[]>> = {
  places: ["sessions"],
  throttled: ["sessions", "size"],
  payload: ["size"],
  time: ["size", "sessions"],
};

export function newPaceController(
  bounds: PaceBounds,
  onChange: (change: PaceChange) => void = () => {},
): PaceController {
  const sizes = sizeRange(bounds);
  const sessions = { min: 1, max: bounds.sessions.max };
  const ceilings = { sessions: newCeiling(sessions, 1), size: newCeiling(sizes, SIZE_STEP) };
  const climb = newClimb<Setting>({
    start: { sessions: bounds.sessions.start, size: within(1, sizes) },
    neighbours,
    inFlight: (setting) => setting.sessions,
  });
  let pace = paceOf(climb.now, bounds);
  let told = pace;
  let ticket = 0;
  let [lastAt, waitedShare, slowInRow, usualMs, table] = [0, 0, 0, 0, ""];

  /** Larger or more only while answers leave room for it; nothing while the target holds the pace down. */
  function neighbours({ sessions: n, size }: Setting): Neighbour<Setting>[] {
    if (n > ceilings.sessions.value || size > ceilings.size.value) return [];
    const step = Math.max(1, Math.round(n / 4));
    const up = usualMs * 2 <= SLOW_MS;
    const all: Neighbour<Setting>[] = [
      { way: "larger", setting: { sessions: n, size: up ? Math.min(size * 2, ceilings.size.value) : size } },
      { way: "more", setting: { sessions: up ? Math.min(n + step, ceilings.sessions.value) : n, size } },
      { way: "smaller", setting: { sessions: n, size: Math.max(size / 2, sizes.min) } },
      { way: "fewer", setting: { sessions: Math.max(n - step, 1), size } },
    ];
    return all.filter(({ setting }) => !isSame(paceOf(setting, bounds), pace));
  }

  function follow(): void {
    const { sessions: n, size } = climb.now;
    pace = paceOf(
      { sessions: Math.min(n, ceilings.sessions.value), size: Math.min(size, ceilings.size.value) },
      bounds,
    );
  }

  function interrupt(): void {
    climb.interrupt();
    follow();
  }

  function changed(because: PaceReason, why: string): void {
    follow();
    if (isSame(pace, told)) return;
    told = pace;
    onChange({ ...pace, because, why, table });
  }

  /** Lowers the first of `order` that can be lowered. */
  function lower(order: readonly ("sessions" | "size")[], because: PaceReason, why: string): void {
    const from = { sessions: pace.sessions, size: Math.min(climb.now.size, ceilings.size.value) };
    climb.giveUp();
    slowInRow = 0;
    ticket++;
    order.find((what) => ceilings[what].lower(from[what]));
    changed(because, why);
  }

  return {
    get pace() {
      return pace;
    },
    get ticket() {
      return ticket;
    },
    leased(waited, at) {
      if (!waited && at - lastAt > PAUSE_MS) interrupt();
      waitedShare += ((waited ? 1 : 0) - waitedShare) / 16;
      lastAt = at;
    },
    answered(answer) {
      const { rows, bytes, milliseconds, at } = answer;
      lastAt = at;
      if (answer.table !== table) interrupt();
      table = answer.table;
      if (answer.ticket !== ticket) return;
      usualMs += (milliseconds - usualMs) / 8;
      slowInRow = milliseconds > SLOW_MS && rows > 1 ? slowInRow + 1 : 0;
      if (slowInRow > 1 || (slowInRow > 0 && milliseconds > VERY_SLOW_MS)) {
        return lower(["size", "sessions"], "slow", `an answer took ${(milliseconds / 1000).toFixed(1)} s`);
      }
      const raised = [ceilings.sessions, ceilings.size].filter((ceiling) => ceiling.passed());
      if (raised.length > 0) changed("calm", "the target has taken everything for a while");
      if (!answer.comparable || waitedShare < WAITED_LEAST) return interrupt();
      const faster = climb.answered(bytes, at);
      if (faster === null) follow();
      else changed("faster", faster);
    },
    refused(refusal, sentAt, of) {
      if (sentAt !== ticket) return;
      table = of;
      lower(remedies[refusal], "refused", refusals[refusal]);
    },
  };
}

function isSame(a: Pace, b: Pace): boolean {
  return a.sessions === b.sessions && a.rows === b.rows && a.bytes === b.bytes;
}
