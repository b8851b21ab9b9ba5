import { VtpipeError } from "../../contracts/errors.ts";
import type { EventSink } from "../../contracts/events.ts";
import type { Way } from "../../contracts/limits.ts";
import type { QueuePicture } from "../../contracts/queue-picture.ts";
import { stageNames } from "../../contracts/stages.ts";
import { countersSign } from "../counters.ts";
import { beatOf, isAtWork } from "../step-notes.ts";
import type { ChunksInHand, InHand } from "./in-hand.ts";
import { looksInLimit, newStallJudge, type Stall } from "./judge.ts";
import { type LanePlace, placeOf, statementsOf } from "./lane-notes.ts";

/** What the main thread sees of one worker. */
export interface WatchedWorker {
  readonly counters: SharedArrayBuffer;
  readonly lanes: SharedArrayBuffer;
  /** Of its transforms. */
  readonly notes: SharedArrayBuffer;
}

export interface WatchStallsOptions {
  readonly workers: readonly WatchedWorker[];
  readonly inHand: ChunksInHand;
  /** Names of the target's shards, in the topology's order. */
  readonly shards: readonly string[];
  readonly stallSeconds: number;
  /** Is the way closed by a limit? */
  isClosed(way: Way): boolean;
  /** Reads a table only rows that pass a condition? Then the source may look for the next one for long. */
  isFiltered(table: string): boolean;
  /** Chunks on disk that wait for a worker, and those that are held back. */
  queued(): { readonly waiting: number; readonly held: number };
  readonly emit: EventSink;
  /** Ends the run. */
  end(error: VtpipeError): void;
}

/**
 * Names the chunk that nothing happens for, with everything that waits, and ends the run when that lasts. Every wait of ours has a
 * limit of its own; this is for those that nobody thought of.
 */
export function watchStalls(options: WatchStallsOptions): Disposable {
  const { workers, inHand, stallSeconds, emit } = options;
  const judge = newStallJudge();
  const look = (): void => {
    const looks = inHand.all().map((chunk) => ({ chunk, ...signOf(chunk) }));
    for (const stall of judge(looks)) tell(stall);
  };

  function signOf({ worker, way }: InHand): { readonly sign: string; readonly excused: boolean } {
    const { counters, lanes, notes } = workers[worker] as WatchedWorker;
    const place = placeOf(lanes, way);
    const sign = `${place} ${beatOf(notes)} ${countersSign(counters, way)}`;
    // A step that does not come back has its own limit, which names the row.
    return { sign, excused: place === "valve" || options.isClosed(way) || (way === "reading" && isAtWork(notes)) };
  }

  function tell({ chunk, looks, what }: Stall): void {
    const { worker, way, table } = chunk;
    const place = placeOf((workers[worker] as WatchedWorker).lanes, way);
    const seconds = (looks * stallSeconds) / looksInLimit;
    const picture = pictureOf(options);
    if (what === "warn" || (place === "source" && options.isFiltered(table))) {
      const stage = placeName(place);
      const text = `${stalled(chunk, place, seconds)} ${pictureText(picture)}`;
      emit({ type: "stalled", worker, way, table, chunk: chunk.chunk, stage, seconds, picture, text });
    } else options.end(stallError(chunk, place, seconds, picture));
  }

  const timer = setInterval(look, (stallSeconds * 1000) / looksInLimit);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function pictureOf({ workers, inHand, shards, queued }: WatchStallsOptions): QueuePicture {
  const now = performance.now();
  const chunks = inHand.all();
  return {
    workers: workers.map(({ lanes }, worker) => ({
      worker,
      chunks: chunks
        .filter((chunk) => chunk.worker === worker)
        .map(({ way, table, chunk, since }) => {
          return { way, table, chunk, stage: placeName(placeOf(lanes, way)), seconds: (now - since) / 1000 };
        }),
      inFlight: statementsOf(lanes).map(({ destination, statements, oldest }) => {
        return { shard: shards[destination] ?? null, statements, oldestSeconds: (Date.now() - oldest) / 1000 };
      }),
    })),
    chunksWaiting: queued().waiting,
    chunksHeld: queued().held,
  };
}

const placeName = (place: LanePlace): string =>
  place === null ? "nothing yet" : place === "valve" ? "the limits" : stageNames[place];

function stalled({ worker, way, table, chunk }: InHand, place: LanePlace, seconds: number): string {
  const what = way === "reading" ? "Reading" : "Loading";
  return `${what} chunk ${chunk} of table ${table} (worker ${worker}) has made no progress for ${seconds.toFixed(0)} s, at ${placeName(place)}.`;
}

/** Everything that waits, in a few words per worker. */
export function pictureText({ workers, chunksWaiting, chunksHeld }: QueuePicture): string {
  const each = workers.map(({ worker, chunks, inFlight }) => {
    const having = chunks.map(
      ({ way, chunk, stage, seconds }) => `${way} ${chunk} for ${seconds.toFixed(0)} s, at ${stage}`,
    );
    const sent = inFlight.map(
      ({ shard, statements, oldestSeconds }) =>
        `${statements} statements at ${shard === null ? "vtgate" : `shard ${shard}`}, the oldest for ${oldestSeconds.toFixed(0)} s`,
    );
    return `worker ${worker}: ${[...having, ...sent].join("; ") || "idle"}`;
  });
  const queued = `${chunksWaiting} chunks wait to be loaded, ${chunksHeld} are held until their table is read`;
  return `${[...each, queued].join(". ")}.`;
}

function stallError(chunk: InHand, place: LanePlace, seconds: number, picture: QueuePicture): VtpipeError {
  const { table, worker } = chunk;
  return new VtpipeError({
    code: place === "disk" ? "disk" : place === "source" || place === "target" ? place : "internal",
    message: stalled(chunk, place, seconds),
    now: `The run was ended; every finished chunk is recorded. At that moment: ${pictureText(picture)}`,
    todo: `${remedy(place)} Run the same command again to go on; raise stallSeconds if such silence is usual here.`,
    retryable: true,
    context: { table, chunk: chunk.chunk, worker, stage: placeName(place) },
  });
}

function remedy(place: LanePlace): string {
  switch (place) {
    case "source":
      return "See in the source's process list what our connection waits for: a lock on the table, or a network that is gone.";
    case "target":
      return "See whether the target's tablets serve, and what their statements wait for.";
    case "disk":
      return "See whether the disk of the run directory still takes writes.";
    default:
      return "Report this with the picture above.";
  }
}
