import { workerData } from "node:worker_threads";
import { toWire } from "../contracts/errors.ts";
import { newDataPlane } from "./data-plane.ts";
import type { WorkerReply, WorkerSetup, WorkerTask } from "./worker-task.ts";

/**
 * Entry of a worker thread. Piscina hands it tasks; the state between tasks (sessions, planned chains) is the data
 * plane's. Never throws: errors are part of the reply.
 */
const plane = newDataPlane(workerData as WorkerSetup);

export default async function runTask(task: WorkerTask): Promise<WorkerReply> {
  try {
    return { error: null, result: await plane(task) };
  } catch (error) {
    return { error: toWire(error) };
  }
}
