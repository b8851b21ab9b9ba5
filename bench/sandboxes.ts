import { sandboxDirectory } from "../src/sandbox/folders.ts";
import { identityOf } from "../src/sandbox/process-identity.ts";
import type { SandboxOptions } from "../src/sandbox/sandbox.ts";
import { sandboxDown, sandboxUp } from "../src/sandbox/sandbox.ts";
import { type CustomerWorld, withCustomers } from "./customer-world.ts";
import type { Apart, Sizes } from "./sections/section.ts";
import { openWorld, type World } from "./world.ts";

/** The bench's sandboxes, one at a time. Disposing of it takes the last one down. */
export interface Sandboxes extends AsyncDisposable {
  customers(): Promise<CustomerWorld>;
  apart<T>(options: Apart, measure: (world: World) => Promise<T>): Promise<T>;
  /** Of the sandboxes that were up so far, but for those with a stand-in on purpose; null: there was none. */
  readonly seen: { readonly kind: "vitess" | "router"; readonly mysql: string; readonly target: string } | null;
}

export function newSandboxes(
  sizes: Sizes,
  vitess: NonNullable<SandboxOptions["vitess"]>,
  say: (text: string) => void,
): Sandboxes {
  const directory = sandboxDirectory(`bench-${process.pid}`);
  let customers: CustomerWorld | null = null;
  let seen: Sandboxes["seen"] = null;

  const up = async ({ shards, standIn = false }: Apart): Promise<World> => {
    const owner = await identityOf(process.pid);
    const state = await sandboxUp({
      directory,
      vitess: standIn ? "never" : vitess,
      ...(shards === undefined ? {} : { shards }),
      ...(owner === null ? {} : { owner }),
      onEvent: (event) => {
        if (event.type === "note") say(event.text);
      },
    });
    const { target, mysql } = state;
    if (target !== null && !standIn) {
      seen = { kind: target.kind === "vitess" ? "vitess" : "router", mysql: mysql.version, target: target.description };
    }
    return openWorld(state);
  };
  const down = async (): Promise<void> => {
    customers = null;
    await sandboxDown(directory);
  };
  return {
    async customers() {
      customers ??= await withCustomers(await up({}), sizes, say);
      return customers;
    },
    async apart(options, measure) {
      await down();
      try {
        return await measure(await up(options));
      } finally {
        await down();
      }
    },
    get seen() {
      return seen;
    },
    [Symbol.asyncDispose]: down,
  };
}
