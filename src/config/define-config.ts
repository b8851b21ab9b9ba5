import type { CheckedConfig } from "./schema.ts";

type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> }
    : T;

/** What a config file may say: every key with a default may be left out. */
export type ConfigInput = Omit<Loose<CheckedConfig>, "version" | "chunkBytes"> & {
  readonly version: 1;
  /** Bytes, or a text like `32 MiB`. */
  readonly chunkBytes?: number | string;
};

/** Gives a config in TypeScript its type: `export default defineConfig({ version: 1, … })`. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
