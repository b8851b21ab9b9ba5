/**
 * A first-in first-out line that consumers wait at. Bounded by what is put in: the caller decides how much it lets in.
 * After `close` the rest is handed out, then every `take` gives null.
 */
export interface WaitingLine<T> {
  put(item: T): void;
  take(): Promise<T | null>;
  /** Resolves when fewer than `max` items wait, or the line was closed. */
  room(max: number): Promise<void>;
  close(): void;
  readonly length: number;
}

export function newWaitingLine<T>(): WaitingLine<T> {
  const items: T[] = [];
  const takers: ((item: T | null) => void)[] = [];
  const putters: { max: number; resume: () => void }[] = [];
  let closed = false;
  const letIn = (): void => {
    for (const putter of putters.splice(0)) {
      if (closed || items.length < putter.max) putter.resume();
      else putters.push(putter);
    }
  };
  return {
    put(item) {
      const taker = takers.shift();
      if (taker) taker(item);
      else items.push(item);
    },
    async take() {
      const item = items.shift();
      letIn();
      if (item !== undefined) return item;
      if (closed) return null;
      return new Promise<T | null>((resolve) => {
        takers.push(resolve);
      });
    },
    async room(max) {
      if (closed || items.length < max) return;
      await new Promise<void>((resume) => {
        putters.push({ max, resume });
      });
    },
    close() {
      closed = true;
      letIn();
      for (const taker of takers.splice(0)) taker(null);
    },
    get length() {
      return items.length;
    },
  };
}
