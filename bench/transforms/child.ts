import { Worker } from "node:worker_threads";
import { workerLimits } from "../../src/run/worker-pool.ts";
import type { ChainFigures, ChainOrder } from "./thread.ts";

/** Measures one chain in a process of its own, in a thread as a run has them, and prints the figures as JSON. */
export async function measureChain(order: ChainOrder): Promise<void> {
  const thread = new Worker(new URL("./thread.js", import.meta.url), {
    workerData: order,
    resourceLimits: workerLimits,
  });
  const figures = await new Promise<ChainFigures>((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", () => reject(new Error("the thread ended without figures")));
  });
  console.log(JSON.stringify(figures));
}
