import { setTimeout as delay } from "node:timers/promises";
import type { DumpedChunk } from "../contracts/chunk.ts";
import { newAlarm } from "./alarm.ts";
import { type CopySource, type CopyTarget, copyChunks } from "./copy.ts";
import type { CopyJob } from "./copy-job.ts";
import { counterTotals } from "./counters.ts";
import { limitedSource, limitedTarget } from "./limits/limited-servers.ts";
import { watchLimits } from "./limits/watch-limits.ts";
import { newChunksInHand } from "./stalls/in-hand.ts";
import { watchStalls } from "./stalls/watch-stalls.ts";
import type { Tally } from "./tally.ts";
import { newWaitingLine } from "./waiting-line.ts";
import type { WorkerPool } from "./worker-pool.ts";
import type { WorkerSetup } from "./worker-task.ts";

/** A copy that is kept to its limits, and ended when it stands still. */
export interface WatchedCopy extends AsyncDisposable {
  /** Waits until the limits let rows be read: a source that is too busy is not asked for a lock either. */
  untilReadable(): Promise<void>;
  /** Copies; afterwards nothing is watched any more. */
  copy(source: CopySource | null, target: CopyTarget | null): Promise<void>;
  /** Why rows wait now, in words; null: they don't. */
  throttled(): string | null;
}

export interface WatchedCopyOptions {
  readonly pool: WorkerPool;
  /** One of each worker; all with the same valve. */
  readonly setups: readonly WorkerSetup[];
  readonly valve: SharedArrayBuffer;
  readonly tally: Tally;
}

const lookEveryMs = 100;

/** Watches over limits from now on, over stalls while chunks are copied. */
export async function openWatchedCopy(job: CopyJob, options: WatchedCopyOptions): Promise<WatchedCopy> {
  const { config, context, state, source: from, target: to } = job;
  const { pool, setups, valve, tally } = options;
  const { emit, stop } = context;
  const [alarm, inHand, line] = [newAlarm(), newChunksInHand(), newWaitingLine<DumpedChunk>()];
  let holdsSnapshot = false;
  const spared = {
    readers: () => inHand.count("reading"),
    isRead: () => tally.all().some((table) => !table.read),
    holdsSnapshot: () => holdsSnapshot,
  };
  const limits = await watchLimits({
    started: config.limits,
    file: state.directory.limitsFile,
    valve,
    source: from && limitedSource(from.address, spared),
    target: to && limitedTarget(config, to.side),
    emit,
    alarm,
    waitedSeconds: () => counterTotals(setups.map(({ counters }) => counters)).throttled,
  });
  let isOver = false;
  const end = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    await limits[Symbol.asyncDispose]();
  };

  function stallsOf(target: CopyTarget | null): Disposable {
    const filtered = (from?.plan.tables ?? []).filter(({ source: { where } }) => where !== null);
    const names = new Set(filtered.map(({ manifest }) => manifest.source));
    return watchStalls({
      workers: setups,
      inHand,
      shards: to?.side.topology.shards.map(({ name }) => name) ?? [],
      stallSeconds: config.stallSeconds,
      isClosed: limits.isClosed,
      isFiltered: (table) => names.has(table),
      queued: () => ({ waiting: line.length, held: target?.gate.held ?? 0 }),
      emit,
      end(error) {
        // First the reason, so that what the ended threads leave behind is not taken for it.
        alarm.ring(error);
        pool.end(error);
      },
    });
  }

  return {
    throttled: () => (isOver ? null : limits.throttled()),
    async untilReadable() {
      while (spared.isRead() && limits.isClosed("reading")) {
        stop.check();
        await delay(lookEveryMs);
      }
    },
    async copy(source, target) {
      holdsSnapshot = source !== null;
      try {
        using _ = stallsOf(target);
        const { pausedSeconds } = limits;
        await copyChunks({ state, pool, source, target, tally, stop, emit, alarm, inHand, line, pausedSeconds });
      } finally {
        await end();
      }
    },
    [Symbol.asyncDispose]: end,
  };
}
