import { VtpipeError } from "../contracts/errors.ts";

/** A shard for each of 16 processes is more than one machine should be asked for. */
const MOST_SHARDS = 16;

/** Names of `count` equal shards that tile the keyspace ids: `-80`, `80-`. `count` is a power of two. */
export function shardNames(count: number): string[] {
  if (!Number.isInteger(count) || count < 1 || count > MOST_SHARDS || (count & (count - 1)) !== 0) {
    throw new VtpipeError({
      code: "usage",
      message: `A sandbox has 1, 2, 4, 8 or 16 shards, not ${count}.`,
      now: "Nothing was started.",
      todo: "Give --shards one of these numbers.",
    });
  }
  const bound = (index: number): string =>
    index === 0 || index === count ? "" : ((index * 256) / count).toString(16).padStart(2, "0");
  return Array.from({ length: count }, (_, index) => `${bound(index)}-${bound(index + 1)}`);
}
