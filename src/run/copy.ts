import type { DumpedChunk } from "../contracts/chunk.ts";
import type { EventSink } from "../contracts/events.ts";
import type { Way } from "../contracts/limits.ts";
import type { Snapshot } from "../contracts/position.ts";
import type { StrategyName } from "../load/strategy.ts";
import type { Alarm } from "./alarm.ts";
import type { LoadingGate } from "./loading-gate.ts";
import type { Reading } from "./reading.ts";
import type { RunState } from "./run-state.ts";
import type { ChunksInHand } from "./stalls/in-hand.ts";
import type { StopSignal } from "./stop-signal.ts";
import { isLoaded, type TableTally, type Tally } from "./tally.ts";
import { paceTeller } from "./tell-pace.ts";
import type { WaitingLine } from "./waiting-line.ts";
import type { WorkerPool } from "./worker-pool.ts";
import type { LoadedChunk } from "./worker-task.ts";

/** Reading half of a copy; null when everything is in files already. */
export interface CopySource {
  readonly reading: Reading;
  readonly snapshot: Snapshot;
  /** Everything is read: lets the snapshot go. Called once, while loading may go on. */
  allRead(): Promise<void>;
}

/** Loading half of a copy; null for a mere dump. */
export interface CopyTarget {
  /** Names the target in the ledger. */
  readonly id: string;
  /** null: found out on the first rows. */
  readonly strategy: StrategyName | null;
  /** Holds chunks back until they may be loaded. */
  readonly gate: LoadingGate;
  /** How rows of a table find their shard, in words. */
  routingOf(table: string): string;
  /** Called once a chunk is loaded for good. */
  onLoaded(dumped: DumpedChunk): Promise<void>;
  /** Called once a table's last row is there; returns at once. */
  onTableLoaded(table: string): void;
  /** How many chunks may wait for loading before reading pauses; infinite when files are kept anyway. */
  readonly backlogMax: number;
}

export interface CopyOptions {
  readonly state: RunState;
  readonly pool: WorkerPool;
  readonly source: CopySource | null;
  readonly target: CopyTarget | null;
  readonly tally: Tally;
  readonly stop: StopSignal;
  readonly emit: EventSink;
  /** Told of each chunk that a worker is given. */
  readonly inHand: ChunksInHand;
  /** Chunks that wait to be taken up. */
  readonly line: WaitingLine<DumpedChunk>;
  /** Ends the copy when it is rung. */
  readonly alarm: Alarm;
  /** Seconds that limits have kept a way closed so far. */
  pausedSeconds(way: Way): number;
}

/**
 * Moves every chunk that is left through the workers. Each worker has two lanes: one reads chunks into files, one loads
 * finished files; a row is sent only after its chunk is durable on disk, so a crash never leaves rows on the target that
 * no file holds. The first failure stops all lanes; whatever was finished is recorded.
 */
export async function copyChunks(options: CopyOptions): Promise<void> {
  const { pool, source, target, tally, stop, line } = options;
  const failures: unknown[] = [];
  const fail = (error: unknown): void => {
    failures.push(error);
    source?.reading.close();
    line.close();
    // Other workers stop between two batches; their chunk is done again next time.
    if (!stop.requested) stop.request();
  };
  const guarded = (lane: Promise<void>): Promise<void> => lane.catch(fail);
  options.alarm.onRing(fail);
  for (const chunk of target ? unloaded(options, target) : []) {
    for (const ready of target?.gate.offer(chunk, tally.of(chunk.table).read) ?? []) line.put(ready);
  }

  const workers = Array.from({ length: pool.size }, (_, worker) => worker);
  const readers = source ? workers.map((worker) => guarded(readLane(worker, options, source))) : [];
  const allRead = Promise.all(readers).then(async () => {
    if (source && failures.length === 0 && !stop.requested) await guarded(source.allRead());
    line.close();
  });
  const tellPace = paceTeller(options.emit);
  const loaders = target ? workers.map((worker) => guarded(loadLane(worker, options, target, tellPace))) : [];
  await Promise.all([allRead, ...loaders]);
  if (failures.length > 0) throw failures[0];
  stop.check();
}

async function readLane(worker: number, options: CopyOptions, { reading, snapshot }: CopySource): Promise<void> {
  const { pool, stop, target, tally, line, inHand, pausedSeconds } = options;
  for (;;) {
    if (stop.requested) {
      reading.close();
      return;
    }
    await line.room(target?.backlogMax ?? Number.POSITIVE_INFINITY);
    const turn = await reading.next();
    if (turn === null) return;
    const { request } = turn;
    const [began, pausedBefore] = [performance.now(), pausedSeconds("reading")];
    let dumped: DumpedChunk;
    {
      using _ = inHand.give(worker, "reading", request.table, request.chunk);
      dumped = await pool.run(worker, { kind: "dump", request, snapshot });
    }
    // A pause says nothing about how fast the source is.
    const paused = pausedSeconds("reading") - pausedBefore;
    await reading.finished(turn, dumped, snapshot.id, (performance.now() - began) / 1000 - paused);
    const table = tally.dumped(dumped);
    // The last of several readers to come back finds all chunks counted.
    table.read = reading.chunksOf(dumped.table) === table.chunks;
    if (table.read) tellDumped(options, table);
    for (const ready of target?.gate.offer(dumped, table.read) ?? []) line.put(ready);
  }
}

async function loadLane(
  worker: number,
  options: CopyOptions,
  target: CopyTarget,
  tellPace: ReturnType<typeof paceTeller>,
): Promise<void> {
  const { pool, state, stop, emit, tally, line, inHand } = options;
  for (;;) {
    const dumped = await line.take();
    if (dumped === null || stop.requested) return;
    const recover = state.journal.loadState(target.id, dumped.chunk) === "loading";
    if (!recover) await state.record({ type: "loading", target: target.id, chunk: dumped.chunk });
    const table = tally.of(dumped.table);
    const strategy = table.strategy ?? target.strategy;
    let loaded: LoadedChunk;
    {
      using _ = inHand.give(worker, "loading", dumped.table, dumped.chunk);
      loaded = await pool.run(worker, { kind: "load", dumped, recover, strategy });
    }
    await state.record({ type: "loaded", target: target.id, chunk: dumped.chunk, rows: loaded.rows });
    if (loaded.decision !== null && table.strategy === null) {
      table.strategy = loaded.decision.strategy;
      emit({ type: "strategy", table: dumped.table, routing: target.routingOf(dumped.table), ...loaded.decision });
    }
    tellPace(worker, loaded.paces);
    tellLoaded(options, tally.loaded(dumped));
    await target.onLoaded(dumped);
    if (isLoaded(table)) target.onTableLoaded(dumped.table);
  }
}

/** Chunks on disk of which the target has not acknowledged every row, those begun before first. */
function unloaded({ state }: CopyOptions, target: CopyTarget): DumpedChunk[] {
  const left = state.manifest.chunks.filter(({ chunk }) => state.journal.loadState(target.id, chunk) !== "loaded");
  const begun = (chunk: DumpedChunk): number => (state.journal.loadState(target.id, chunk.chunk) === "loading" ? 0 : 1);
  return left.toSorted((a, b) => begun(a) - begun(b));
}

function tellDumped({ emit }: CopyOptions, tally: TableTally): void {
  const { source: table, rows, bytes, chunks } = tally;
  emit({ type: "table:dumped", table, rows, bytes, chunks });
}

function tellLoaded({ emit, target }: CopyOptions, tally: TableTally): void {
  if (target !== null && isLoaded(tally)) emit({ type: "table:loaded", table: tally.source, rows: tally.rowsLoaded });
}
