import { asVtpipeError } from "../../contracts/errors.ts";
import type { EventSink } from "../../contracts/events.ts";
import { type LimitChanges, type Limits, noLimits, type Way, ways } from "../../contracts/limits.ts";
import { limitsText, rateText } from "../../contracts/limits-text.ts";
import type { Alarm } from "../alarm.ts";
import { type LimitedSource, type LimitedTarget, newServerAsker, type ServerLook } from "./ask-servers.ts";
import { historyUnseen, historyWarning, judgeHistory, tooLongHistory } from "./history-guard.ts";
import { newThrottleJudge, type Verdict } from "./judge.ts";
import { limitsFileReader, limitsWith } from "./limits-file.ts";
import { valveOver } from "./valve.ts";

export interface WatchLimitsOptions {
  /** What the run was started with; the file's changes go on top. */
  readonly started: Limits;
  readonly file: string;
  /** Of `newValveMemory`. */
  readonly valve: SharedArrayBuffer;
  readonly source: LimitedSource | null;
  readonly target: LimitedTarget | null;
  readonly emit: EventSink;
  /** Rung when the source's history list is too long. */
  readonly alarm: Alarm;
  /** Seconds that workers have waited at the valve, added up. */
  waitedSeconds(): number;
}

/** Keeps a copy to its limits until it is disposed of. */
export interface LimitsWatch extends AsyncDisposable {
  /** Why rows wait now, in words; null: they don't. */
  throttled(): string | null;
  isClosed(way: Way): boolean;
  /** For how long a way was closed so far. */
  pausedSeconds(way: Way): number;
}

/** How often servers are asked and the file is looked at. */
const lookEveryMs = 1000;
/** What the rate allows comes in portions of so much time, short beside the burst. */
const refillEveryMs = 50;

/** Begins with a look where there is a limit, so that a source that is too busy already is not read from at all. */
export async function watchLimits(options: WatchLimitsOptions): Promise<LimitsWatch> {
  const { started, emit, alarm } = options;
  const servers = newServerAsker(options.source, options.target);
  const valve = valveOver(options.valve);
  const judge = newThrottleJudge();
  const changesInFile = limitsFileReader(options.file);
  const closed = new Map<Way, { total: number; since: number | null }>(
    ways.map((way) => [way, { total: 0, since: null }]),
  );
  const said = new Set<string>();
  const slowed = new Set<Way>();
  let limits = started;
  let paused = false;

  function once(what: string, tell: () => void): void {
    if (said.has(what)) return;
    said.add(what);
    tell();
  }
  const warnOnce = (code: string, text: string): void => once(text, () => emit({ type: "warning", code, text }));

  function take(changes: LimitChanges): void {
    const next = limitsWith(started, changes);
    if (next.maxRate !== limits.maxRate) {
      for (const way of slowed) tellRate(way, "running");
      slowed.clear();
    }
    limits = next;
    paused = changes.paused ?? false;
    valve.setRate(limits.maxRate);
    emit({ type: "limits", limits, paused });
  }

  async function readFile(): Promise<void> {
    try {
      const changes = await changesInFile();
      if (changes !== undefined) take(changes ?? {});
    } catch (error) {
      const { message, todo } = asVtpipeError(error);
      emit({ type: "warning", code: "limits-file", text: `${message} ${todo}` });
    }
  }

  async function look(): Promise<void> {
    await readFile();
    const seen = await servers.look(limits);
    guardHistory(seen);
    act([...onRequest(), ...seen.verdicts]);
  }

  function onRequest(): Verdict[] {
    const text = "paused on request, until `vtpipe limits DIR --resume`";
    return paused
      ? ways.map((way) => ({ reason: "on-request", way, over: true, observed: null, limit: null, text }))
      : [];
  }

  function guardHistory({ history, historyAsked }: ServerLook): void {
    const most = limits.historyListLength;
    if (history === null) {
      if (historyAsked && most !== null) warnOnce("limit-unseen", historyUnseen);
      return;
    }
    const found = judgeHistory(history, most);
    if (found === "end") alarm.ring(tooLongHistory(history, most ?? 0));
    if (found === "warn") {
      once("history", () => emit({ type: "warning", code: "history-list", text: historyWarning(history) }));
    }
  }

  function act(verdicts: readonly Verdict[]): void {
    for (const { reason, over, observed, text } of verdicts) {
      if (over === null) warnOnce("limit-unseen", `A limit holds nobody back while it cannot be seen: ${text}.`);
      if (reason === "target-lag" && over === false && observed === null) {
        once("no-replicas", () =>
          emit({ type: "note", text: `limits.targetLagSeconds has nothing to watch: ${text}.` }),
        );
      }
    }
    const changes = judge.judge(verdicts);
    for (const way of ways)
      setClosed(
        way,
        judge.holding().some((held) => held.way === way),
      );
    for (const { verdict, paused: isPaused } of changes) {
      const { reason, way, observed, limit, text } = verdict;
      // Rows of this way wait for another reason still, which was told of.
      if (!isPaused && valve.isClosed(way)) continue;
      emit({ type: "throttle", way, state: isPaused ? "paused" : "running", reason, observed, limit, text });
    }
  }

  function setClosed(way: Way, isClosed: boolean): void {
    const time = closed.get(way);
    if (time === undefined || valve.isClosed(way) === isClosed) return;
    if (isClosed) {
      time.since = performance.now();
      valve.close(way);
    } else {
      time.total = pausedMs(way);
      time.since = null;
      valve.open(way);
    }
  }

  function pausedMs(way: Way): number {
    const { total, since } = closed.get(way) ?? { total: 0, since: null };
    return since === null ? total : total + performance.now() - since;
  }

  function refill(seconds: number): void {
    if (limits.maxRate === null) return;
    for (const way of ways) {
      if (slowed.has(way) || !valve.isWaitedFor(way)) continue;
      slowed.add(way);
      tellRate(way, "slowed");
    }
    valve.refill(seconds);
  }

  function tellRate(way: Way, state: "slowed" | "running"): void {
    const limit = limits.maxRate;
    const rate = rateText(limit ?? 0);
    const text = state === "slowed" ? `rows are held to ${rate}` : `rows are no longer held to ${rate}`;
    emit({ type: "throttle", way, state, reason: "max-rate", observed: null, limit, text });
  }

  valve.setRate(limits.maxRate);
  await readFile();
  const isLimited = limitsText(limits, paused) !== limitsText(noLimits, false);
  // What a file changed was told when it was read.
  if (isLimited && limits === started) emit({ type: "limits", limits, paused });
  if (isLimited) await look();
  let looking: Promise<void> = Promise.resolve();
  let isLooking = false;
  const lookTimer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    looking = look()
      .catch((error: unknown) => alarm.ring(asVtpipeError(error)))
      .finally(() => {
        isLooking = false;
      });
  }, lookEveryMs);
  let refilledAt = performance.now();
  const refillTimer = setInterval(() => {
    const now = performance.now();
    // A machine that slept has not earned the time.
    refill(Math.min(1, (now - refilledAt) / 1000));
    refilledAt = now;
  }, refillEveryMs);
  lookTimer.unref();
  refillTimer.unref();

  return {
    throttled: () =>
      judge.holding()[0]?.text ?? (slowed.size > 0 ? `rows are held to ${rateText(limits.maxRate ?? 0)}` : null),
    isClosed: valve.isClosed,
    pausedSeconds: (way) => pausedMs(way) / 1000,
    async [Symbol.asyncDispose]() {
      clearInterval(lookTimer);
      clearInterval(refillTimer);
      await servers[Symbol.asyncDispose]();
      await looking;
      const pausedSeconds = { reading: pausedMs("reading") / 1000, loading: pausedMs("loading") / 1000 };
      const workerSeconds = options.waitedSeconds();
      if (workerSeconds + pausedSeconds.reading + pausedSeconds.loading > 0) {
        emit({ type: "throttle:total", pausedSeconds, workerSeconds });
      }
    },
  };
}
