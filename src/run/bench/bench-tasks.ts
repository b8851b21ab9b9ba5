import type { ManifestTable } from "../../contracts/manifest.ts";
import type { ChainPlan } from "../../transform/plan-chain.ts";
import type { ChunkFiles } from "../chunk-files.ts";
import type { Counter } from "../counters.ts";
import type { SourceLane } from "../source-lane.ts";
import type { StopSignal } from "../stop-signal.ts";
import type { Strays } from "../strays.ts";
import type { WorkerResults, WorkerSetup, WorkerSource, WorkerTable, WorkerTask } from "../worker-task.ts";
import { chainTask } from "./chain-task.ts";
import { readTask } from "./read-task.ts";
import { newTargetTask, type TargetTask } from "./target-task.ts";

/** What of a worker its benches use. */
export interface BenchWorker {
  readonly setup: WorkerSetup;
  readonly lane: SourceLane;
  readonly stop: StopSignal;
  readonly strays: Strays;
  tableOf(name: string): WorkerTable;
  sourceOf(table: WorkerTable): WorkerSource;
  chainOf(table: ManifestTable, from: WorkerSource): Promise<ChainPlan>;
  readonly files: ChunkFiles;
  count(counter: Counter, amount: number): void;
}

type BenchTask = Extract<WorkerTask, { kind: `bench-${string}` }>;
export type BenchTasks = (task: BenchTask) => Promise<WorkerResults[BenchTask["kind"]]>;

/** The worker's side of `vtpipe bench`. */
export function newBenchTasks(worker: BenchWorker): BenchTasks {
  const { setup, stop, files, count } = worker;
  let target: TargetTask | null = null;
  const targetTask = (): TargetTask => {
    if (setup.target === null) throw new RangeError("this bench has no target");
    target ??= newTargetTask(setup.target, files, stop);
    return target;
  };
  return async (task) => {
    switch (task.kind) {
      case "bench-read": {
        const table = worker.tableOf(task.order.request.table);
        const source = worker.sourceOf(table);
        const { computed } = await worker.chainOf(table.manifest, source);
        const session = worker.lane.snapshotSession();
        const expressions = computed.map(({ expression }) => expression);
        return readTask({ order: task.order, session, source, computed: expressions, count, stop });
      }
      case "bench-chain":
        return chainTask(worker, task.order);
      case "bench-keep":
        return targetTask().keep(task.order);
      case "bench-send":
        return targetTask().send(task.order);
    }
  };
}
