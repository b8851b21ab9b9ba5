import type { Config } from "../config/config.ts";
import { type StoreKey, storeKey } from "../store/store-key.ts";

/** The key of a config's run directory; null: it is not encrypted. */
export function storeKeyOf({ encryption }: Pick<Config, "encryption">): StoreKey | null {
  return encryption === null ? null : storeKey(encryption.key);
}
