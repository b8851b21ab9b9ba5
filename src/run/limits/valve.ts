import { setTimeout as delay } from "node:timers/promises";
import { type Way, ways } from "../../contracts/limits.ts";

/**
 * What all rows pass, in memory that all threads share: it can be closed, and it lets so many bytes a second through. Each
 * worker draws a number for the bytes it has: how many were drawn in all when they were added. They go on once so many
 * are allowed. The main thread alone allows, workers only draw, so nobody waits for a lock and nobody is passed over.
 */
export function newValveMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(cells * BigInt64Array.BYTES_PER_ELEMENT);
}

/** Bytes a second that may pass; 0: any number. Then, for each way: is it closed, bytes drawn, bytes allowed. */
const rateCell = 0;
const cells = 1 + ways.length * 3;
const closedCell = (way: Way): number => 1 + ways.indexOf(way) * 3;
const drawnCell = (way: Way): number => closedCell(way) + 1;
const allowedCell = (way: Way): number => closedCell(way) + 2;

/** Nobody has to see the valve open sooner. */
const lookMs = 20;
/** After a pause no more may pass at once than so many seconds allow. */
export const burstSeconds = 0.25;
const leastBatch = 16 << 10;
const mostBatch = 1 << 20;

/** A worker's side. */
export interface ValvePort {
  /**
   * Row bytes have come. null: they go on at once; else the seconds that they waited. Rejects with what `check` throws
   * meanwhile.
   */
  pass(way: Way, bytes: number): Promise<number> | null;
  /** Row bytes that should come at a time: few where few may pass, so that they flow rather than fall. */
  batchBytes(): number;
}

export function valvePort(memory: SharedArrayBuffer, check: () => void): ValvePort {
  const view = new BigInt64Array(memory);
  const isOpen = (way: Way, number: bigint): boolean =>
    Atomics.load(view, closedCell(way)) === 0n &&
    (Atomics.load(view, rateCell) === 0n || Atomics.load(view, allowedCell(way)) >= number);
  return {
    pass(way, bytes) {
      const number = Atomics.add(view, drawnCell(way), BigInt(bytes)) + BigInt(bytes);
      return isOpen(way, number) ? null : untilOpen(() => isOpen(way, number), check);
    },
    batchBytes() {
      const rate = Number(Atomics.load(view, rateCell));
      return rate === 0 ? mostBatch : Math.min(mostBatch, Math.max(leastBatch, Math.floor(rate / 8)));
    },
  };
}

async function untilOpen(isOpen: () => boolean, check: () => void): Promise<number> {
  const began = performance.now();
  do {
    await delay(lookMs);
    check();
  } while (!isOpen());
  return (performance.now() - began) / 1000;
}

/** The main thread's side: the only one that closes, opens and allows. */
export interface Valve {
  close(way: Way): void;
  open(way: Way): void;
  isClosed(way: Way): boolean;
  /** Bytes a second; null: any number. */
  setRate(rate: number | null): void;
  /** Allows what so many seconds bring. */
  refill(seconds: number): void;
  /** Do bytes wait for the rate? */
  isWaitedFor(way: Way): boolean;
}

export function valveOver(memory: SharedArrayBuffer): Valve {
  const view = new BigInt64Array(memory);
  return {
    close: (way) => void Atomics.store(view, closedCell(way), 1n),
    open: (way) => void Atomics.store(view, closedCell(way), 0n),
    isClosed: (way) => Atomics.load(view, closedCell(way)) !== 0n,
    setRate(rate) {
      // What passed while nothing was held back is not paid for later.
      if (Atomics.load(view, rateCell) === 0n) {
        for (const way of ways) Atomics.store(view, allowedCell(way), Atomics.load(view, drawnCell(way)));
      }
      Atomics.store(view, rateCell, BigInt(rate ?? 0));
    },
    refill(seconds) {
      const rate = Number(Atomics.load(view, rateCell));
      for (const way of ways) {
        const [drawn, allowed] = [Atomics.load(view, drawnCell(way)), Atomics.load(view, allowedCell(way))];
        Atomics.store(view, allowedCell(way), allowedAfter({ drawn, allowed, rate, seconds }));
      }
    },
    isWaitedFor: (way) =>
      Atomics.load(view, rateCell) !== 0n && Atomics.load(view, drawnCell(way)) > Atomics.load(view, allowedCell(way)),
  };
}

/** Pure: bytes allowed after so many seconds; what nobody draws is saved up for a moment only. */
export function allowedAfter(now: {
  readonly drawn: bigint;
  readonly allowed: bigint;
  readonly rate: number;
  readonly seconds: number;
}): bigint {
  const { drawn, allowed, rate, seconds } = now;
  const more = allowed + BigInt(Math.round(rate * seconds));
  const most = drawn + BigInt(Math.round(rate * burstSeconds));
  return more < most ? more : most;
}
