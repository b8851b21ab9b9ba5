import type { LogItem } from "../mysql/binlog/read-log.ts";

/** Items and bytes of rows that are handled in one go. */
export const ITEMS_TOGETHER = 1000;
export const BYTES_TOGETHER: number = 1 << 20;

/**
 * What the log has ready, in lists that end where it has to be waited for, so that questions about rows can be put
 * together. An error comes after all that was read before it. Whoever leaves the loop has to end the log.
 */
export async function* together(
  log: AsyncIterator<LogItem, void, void>,
): AsyncGenerator<readonly LogItem[], void, void> {
  let items: LogItem[] = [];
  let bytes = 0;
  const read = (): Promise<Read> =>
    log.next().then(
      (result) => ({ result, error: null }),
      (error: unknown) => ({ result: null, error: error ?? new Error("the log ended without a reason") }),
    );
  for (let next = read(); ; ) {
    const ready = items.length === 0 ? await next : await Promise.race([next, soon()]);
    const full = items.length >= ITEMS_TOGETHER || bytes >= BYTES_TOGETHER;
    const item = ready?.result?.done === false ? ready.result.value : null;
    if (item === null || full) {
      if (items.length > 0) yield items;
      items = [];
      bytes = 0;
      if (ready === null || item !== null) continue;
      if (ready.error !== null) throw ready.error;
      return;
    }
    items.push(item);
    bytes += bytesOf(item);
    next = read();
  }
}

interface Read {
  readonly result: IteratorResult<LogItem, void> | null;
  readonly error: unknown;
}

function soon(): Promise<null> {
  return new Promise((resolve) => {
    setImmediate(() => resolve(null));
  });
}

function bytesOf(item: LogItem): number {
  if (item.type !== "rows") return 0;
  const { before, after } = item.changes;
  return (before?.bytes.length ?? 0) + (after?.bytes.length ?? 0);
}
