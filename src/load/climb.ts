/**
 * Looks for a setting that is clearly faster than the present one: a neighbour takes turns with it, window by window, so
 * that whatever else changes meanwhile changes for both. Pure: it is told what passed and when.
 */
export interface Climb<S> {
  /** What statements go by now: the best setting known, or the one on trial. */
  readonly now: S;
  /** A statement was acknowledged. Returns why the best setting is another one since; mostly null. */
  answered(bytes: number, at: number): string | null;
  /** What was measured so far is not comparable with what follows: another table, a pause. */
  interrupt(): void;
  /** Ends a trial: the target pushed back, or is slow. */
  giveUp(): void;
}

/** A neighbour of a setting. The name says which way it lies: what did not help that way is not tried again soon. */
export interface Neighbour<S> {
  readonly way: string;
  readonly setting: S;
}

/** Comparisons, each of a window of the best setting with the next one of the setting on trial. */
const PAIRS = 4;
/** Another setting must be so many times as fast on the whole, and faster in each comparison: noise is no reason. */
const CLEARLY_FASTER = 1.15;
/** A trial that is so much slower in one window is over. */
const CLEARLY_SLOWER = 0.85;
/** A window has at least so many statements, and takes at least so long. */
const WINDOW_STATEMENTS = 8;
const WINDOW_MS = 500;
/** Windows between two trials that way, doubled with each that fails. */
const FIRST_REST = 2;
const LONGEST_REST = 256;

export interface ClimbOptions<S> {
  readonly start: S;
  /** Settings next to one that may be tried now, in the order of preference. */
  neighbours(of: S): readonly Neighbour<S>[];
  /** Statements that are still of another setting when a new one begins. */
  inFlight(setting: S): number;
}

interface Trial<S> extends Neighbour<S> {
  /** Bytes per millisecond of the best setting's last window, to pair with. */
  base: number;
  ratios: number[];
}

export function newClimb<S>({ start, neighbours, inFlight }: ClimbOptions<S>): Climb<S> {
  let best = start;
  let trial: Trial<S> | null = null;
  let trying = false;
  /** Of the window under way; it begins once `settling` answers have passed. */
  let [settling, statements, bytes, since] = [0, 0, 0, Number.NaN];
  let windows = 0;
  const rests = new Map<string, { until: number; rest: number }>();

  function nextWindow(): void {
    settling = inFlight(trying && trial !== null ? trial.setting : best);
    [statements, bytes, since] = [0, 0, Number.NaN];
  }

  function fail({ way }: Trial<S>): void {
    const rest = Math.min(LONGEST_REST, (rests.get(way)?.rest ?? FIRST_REST / 2) * 2);
    rests.set(way, { until: windows + rest, rest });
    [trial, trying] = [null, false];
  }

  function beginTrial(base: number): void {
    const rested = neighbours(best).filter(({ way }) => windows >= (rests.get(way)?.until ?? FIRST_REST));
    const next = rested.toSorted((a, b) => (rests.get(a.way)?.until ?? 0) - (rests.get(b.way)?.until ?? 0))[0];
    if (next === undefined) return;
    trial = { ...next, base, ratios: [] };
    trying = true;
  }

  /** A window of the setting on trial is over. */
  function judge(under: Trial<S>, speed: number): string | null {
    under.ratios.push(speed / under.base);
    const { ratios } = under;
    trying = false;
    const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
    if (speed < under.base * CLEARLY_SLOWER || (ratios.length > 1 && mean < 1)) fail(under);
    if (ratios.length < PAIRS || trial === null) return null;
    if (mean < CLEARLY_FASTER || Math.min(...ratios) <= 1) {
      fail(under);
      return null;
    }
    best = under.setting;
    trial = null;
    rests.delete(under.way);
    return `${mean.toFixed(2)} times as fast in ${PAIRS} comparisons`;
  }

  function closeWindow(speed: number): string | null {
    windows++;
    let why: string | null = null;
    if (trial === null) beginTrial(speed);
    else if (trying) why = judge(trial, speed);
    else {
      trial.base = speed;
      trying = true;
    }
    return why;
  }

  return {
    get now() {
      return trying && trial !== null ? trial.setting : best;
    },
    answered(more, at) {
      if (settling > 0) {
        if (--settling === 0) since = at;
        return null;
      }
      if (Number.isNaN(since)) {
        since = at;
        return null;
      }
      statements++;
      bytes += more;
      if (statements < WINDOW_STATEMENTS || at - since < WINDOW_MS) return null;
      const why = closeWindow(bytes / (at - since));
      nextWindow();
      return why;
    },
    interrupt() {
      [trial, trying] = [null, false];
      nextWindow();
    },
    giveUp() {
      if (trial !== null) fail(trial);
      nextWindow();
    },
  };
}
