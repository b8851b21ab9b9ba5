import type { StreamStatus, StreamTrend, Throttling } from "../contracts/handoff-status.ts";
import { countBeyond, type GtidSet, includesSet, parsePosition } from "../mysql/gtid-set.ts";
import { streamTrouble } from "./stream-errors.ts";
import type { StreamView } from "./view.ts";

/** A server that streams read from, as it was at one moment. */
export interface SourceLook {
  /** UNIX seconds, with fractions, by its own clock. */
  readonly at: number;
  readonly executed: GtidSet;
}

/** A stream as it was at one moment. */
export interface StreamLook {
  /** As `SourceLook.at`. */
  readonly at: number;
  readonly position: GtidSet;
  readonly transactionsBehind: number;
}

/** A stream that is not further behind than this counts as caught up, and so does the wait for it. */
const caughtUpSeconds = 5;
/** A stream that has not moved for so long stands still; before that it may be at one large transaction. */
const stalledSeconds = 10;

/** What is known of a stream besides itself. */
export interface StreamSurroundings {
  /** `keyspace/shard` */
  readonly into: string;
  /**
   * The server it reads, looked at before the stream was, so that a stream that follows closely is not taken for one that
   * lags; null: it did not answer.
   */
  readonly source: SourceLook | null;
  /** Earlier looks at that server and at the stream, oldest first. */
  readonly sourceLooks: readonly SourceLook[];
  readonly streamLooks: readonly StreamLook[];
  readonly throttled: Throttling | null;
}

/** Pure: how a stream gets on. */
export function streamStatus(
  stream: StreamView,
  { into, source, sourceLooks, streamLooks, throttled }: StreamSurroundings,
): StreamStatus {
  const look = lookAt(stream, source);
  const behind = look?.transactionsBehind ?? null;
  const moving = isMoving(stream);
  const pace = moving && look !== null ? paceOf(streamLooks[0], look) : null;
  const seconds = look === null || source === null ? null : secondsBehind(stream, look, source, sourceLooks);
  const trend = moving ? trendOf(behind, seconds, pace) : "idle";
  const counts = stream.message !== frozen;
  return {
    id: stream.id,
    into,
    from: `${stream.from.keyspace}/${stream.from.shard}`,
    tablet: stream.tablet,
    state: stream.state,
    position: stream.position,
    trend,
    transactionsBehind: counts ? behind : null,
    secondsBehind: counts ? seconds : null,
    transactionsPerSecond: pace?.applied ?? null,
    etaSeconds: eta(trend, behind, pace),
    throttled,
    trouble: streamTrouble(stream.state, stream.message),
  };
}

/** What to remember of a stream; null: where it is cannot be told. */
export function lookAt(stream: StreamView, source: SourceLook | null): StreamLook | null {
  const position = readable(stream.position);
  const goal = readable(stream.stopPosition) ?? source?.executed ?? null;
  if (position === null || goal === null || source === null) return null;
  return { at: source.at, position, transactionsBehind: countBeyond(goal, position) };
}

/** Was the stream throttled when it last said anything? Vitess notes each time, and leaves the note there for ever. */
export function throttledNow(stream: StreamView): boolean {
  return stream.throttled !== null && isMoving(stream) && stream.throttled.at >= stream.updatedAt - 1;
}

const isMoving = ({ state }: StreamView): boolean => state !== "Stopped" && state !== "Error" && state !== "Init";

interface Pace {
  readonly seconds: number;
  /** Transactions a second: how many it went through, and by how many it came nearer to its goal. */
  readonly applied: number;
  readonly gained: number;
}

/** Looks that are closer than this say nothing of a pace. */
const shortestSeconds = 0.5;

function paceOf(first: StreamLook | undefined, now: StreamLook): Pace | null {
  if (first === undefined || now.at - first.at < shortestSeconds) return null;
  const seconds = now.at - first.at;
  return {
    seconds,
    applied: countBeyond(now.position, first.position) / seconds,
    gained: (first.transactionsBehind - now.transactionsBehind) / seconds,
  };
}

/**
 * At most so many seconds: everything that is missing was committed after the last transaction that was applied, and after
 * every moment at which nothing was missing. The first alone would make a source that was idle for an hour look an hour ahead.
 */
function secondsBehind(
  { transactionAt }: StreamView,
  { position, transactionsBehind }: StreamLook,
  source: SourceLook,
  looks: readonly SourceLook[],
): number | null {
  if (transactionsBehind === 0) return 0;
  const complete = looks.findLast(({ executed }) => includesSet(position, executed))?.at ?? 0;
  const since = Math.max(complete, transactionAt);
  return since === 0 ? null : Math.max(0, source.at - since);
}

function trendOf(behind: number | null, seconds: number | null, pace: Pace | null): StreamTrend {
  if (behind === 0 || (seconds !== null && seconds <= caughtUpSeconds)) return "caught-up";
  if (pace === null) return "unknown";
  if (pace.applied === 0) return pace.seconds < stalledSeconds ? "unknown" : "stalled";
  return pace.gained > 0 ? "gaining" : "falling-behind";
}

function eta(trend: StreamTrend, behind: number | null, pace: Pace | null): number | null {
  if (trend === "caught-up") return 0;
  return trend === "gaining" && behind !== null && pace !== null ? behind / pace.gained : null;
}

/** What Vitess says on the streams of a workflow whose traffic is switched: they stay where they are. */
const frozen = "FROZEN";

/** null: there is none, or it has tagged GTIDs, which are not counted here. */
function readable(position: string): GtidSet | null {
  if (position === "") return null;
  try {
    return parsePosition(position);
  } catch {
    return null;
  }
}
