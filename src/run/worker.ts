import { toWire } from "../contracts/errors.ts";
import { newDataPlane } from "./data-plane.ts";
import type { WorkerBegin, WorkerReply, WorkerTask } from "./worker-task.ts";

/**
 * Entry of a worker thread. Piscina hands it tasks; the state between tasks (sessions, planned chains) is the data
 * plane's, which the first one makes. Never throws: errors are part of the reply.
 */
let plane: ReturnType<typeof newDataPlane> | null = null;

export default async function runTask(task: WorkerBegin | WorkerTask): Promise<WorkerReply> {
  try {
    if (task.kind === "begin") {
      plane = newDataPlane(task.setup);
      return { error: null, result: null };
    }
    if (plane === null) throw new RangeError("a worker was given a task before its setup");
    return { error: null, result: await plane(task) };
  } catch (error) {
    return { error: toWire(error) };
  }
}
