import { parseVschema, type RouterConfig, type ShardConfig, type Vschema, type VschemaTableConfig } from "./config.ts";

/** One shard with its key range; a bound is null where the range is open. */
export interface Shard {
  readonly config: ShardConfig;
  readonly start: Buffer | null;
  readonly end: Buffer | null;
}

/** The keyspace a router serves: what SHOW tells, and where rows belong. */
export interface Keyspace {
  readonly name: string;
  readonly shards: readonly Shard[];
  readonly vschema: Vschema;
}

export function keyspaceOf(config: RouterConfig): Keyspace {
  const vschema = parseVschema(config.vschema);
  const shards = config.shards.map((shard) => ({ config: shard, ...keyRange(shard.name) }));
  shards.sort((a, b) => Buffer.compare(a.start ?? Buffer.alloc(0), b.start ?? Buffer.alloc(0)));
  checkCover(config.keyspace, shards);
  return { name: config.keyspace, shards, vschema };
}

/** "40-80" → its two bounds. A name without a dash is an unsharded keyspace's only shard. */
function keyRange(name: string): { start: Buffer | null; end: Buffer | null } {
  const dash = name.indexOf("-");
  if (dash < 0) return { start: null, end: null };
  const bound = (hex: string): Buffer | null => {
    if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new Error(`shard "${name}" is no key range`);
    return hex === "" ? null : Buffer.from(hex, "hex");
  };
  return { start: bound(name.slice(0, dash)), end: bound(name.slice(dash + 1)) };
}

function checkCover(keyspace: string, shards: readonly Shard[]): void {
  const bounds = shards.map((shard) => [shard.start?.toString("hex") ?? "", shard.end?.toString("hex") ?? ""] as const);
  const whole =
    bounds[0]?.[0] === "" &&
    bounds.at(-1)?.[1] === "" &&
    bounds.every(([start], i) => i === 0 || (start !== "" && start === bounds[i - 1]?.[1]));
  if (!whole) {
    const names = shards.map((shard) => shard.config.name).join(", ");
    throw new Error(`the shards of keyspace ${keyspace} (${names}) do not cover the key space exactly once`);
  }
}

/** start <= id < end, comparing without trailing zero bytes, as Vitess's go/vt/key does. */
export function shardOf(keyspace: Keyspace, keyspaceId: Uint8Array): Shard {
  const id = trimmed(keyspaceId);
  const found = keyspace.shards.find(
    (shard) =>
      (shard.start === null || Buffer.compare(trimmed(shard.start), id) <= 0) &&
      (shard.end === null || Buffer.compare(id, trimmed(shard.end)) < 0),
  );
  if (found === undefined) throw new Error("the shards do not cover the key space");
  return found;
}

function trimmed(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

export function tableOf(keyspace: Keyspace, name: string): VschemaTableConfig | null {
  return keyspace.vschema.tables.get(name) ?? null;
}
