import { type ChainPlan, planChain } from "../transform/plan-chain.ts";
import type { Registry } from "../transform/registry.ts";
import type { WorkerSource } from "./worker-task.ts";

/** The chain of one table. The plan and every worker make it here, so that what is promised is what is done. */
export function tableChain({ table, columns, steps }: WorkerSource, registry: Registry): ChainPlan {
  const carried = new Set(columns.map(({ name }) => name));
  const absent = table.columns.filter(({ name }) => !carried.has(name));
  return planChain(table.name, columns, steps, registry, { absent, keyColumns: table.chunkKey?.columns ?? [] });
}
