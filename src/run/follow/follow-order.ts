import type { WireError } from "../../contracts/errors.ts";

/** What a worker is told to follow. Positions as text, so that it crosses threads. */
export interface FollowOrder {
  /** Names the copy in the follow table of every shard. */
  readonly copy: string;
  readonly writer: string;
  /** Per table, by source name, the positions of its chunks. */
  readonly tables: readonly { readonly source: string; readonly positions: readonly string[] }[];
  readonly until: { readonly position: string; readonly exact: boolean } | null;
  /** Per shard, in the topology's order, how far it is. */
  readonly shards: readonly {
    readonly applied: string;
    readonly partial: { readonly gtid: string; readonly done: number } | null;
  }[];
}

/** How far following is, asked for while it is at work. */
export interface FollowStatus {
  /** Transactions that every shard has. */
  readonly position: string;
  /** Since the start: read from the log, and row changes written on shards. */
  readonly transactions: number;
  readonly rows: number;
  /** When the newest transaction that every shard has was committed on the source, milliseconds since 1970; 0: none was. */
  readonly committedAt: number;
  /** Bytes that wait to be applied, all shards. */
  readonly waiting: number;
  /** Things worth saying since the last look. */
  readonly notes: readonly string[];
}

/** What following came to. */
export interface FollowResult extends FollowStatus {
  /** Was the end that was asked for reached? */
  readonly reached: boolean;
  /** Why it ended otherwise; null: it was told to stop. */
  readonly failure: WireError | null;
}
