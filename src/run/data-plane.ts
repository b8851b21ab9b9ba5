import type { ManifestTable } from "../contracts/manifest.ts";
import { openSession } from "../mysql/session.ts";
import { openRunDirectory, type RunDirectory } from "../store/run-directory.ts";
import type { ChainPlan } from "../transform/plan-chain.ts";
import { loadRegistry } from "../transform/registry.ts";
import type { VerifyTarget } from "../verify/target.ts";
import { readTask } from "./bench/read-task.ts";
import { newTargetTask, type TargetTask } from "./bench/target-task.ts";
import { counterWriter } from "./counters.ts";
import { dumpChunk } from "./dump-chunk.ts";
import { type Following, startFollowing } from "./follow/follow-task.ts";
import { leakSearcher, sampleLeaks } from "./leak-tasks.ts";
import { loadChunk } from "./load-chunk.ts";
import { previewTable } from "./preview-table.ts";
import { newSourceLane } from "./source-lane.ts";
import { stepNotesWriter } from "./step-notes.ts";
import { keyCells } from "./step-trouble.ts";
import { newStopSignal } from "./stop-signal.ts";
import { watchStrays } from "./strays.ts";
import { tableChain } from "./table-chain.ts";
import { newTargetLane } from "./target-lane.ts";
import { newVerifyLane } from "./verify-lane.ts";
import { verifyTableTask } from "./verify-task.ts";
import type { WorkerResults, WorkerSetup, WorkerSource, WorkerTable, WorkerTask } from "./worker-task.ts";

/** All that one worker does and holds: its connection to the source, its sessions to the target, its planned chains. */
export function newDataPlane(setup: WorkerSetup): (task: WorkerTask) => Promise<WorkerResults[WorkerTask["kind"]]> {
  const count = counterWriter(setup.counters);
  const stop = newStopSignal(setup.stop);
  const checkStop = (): void => stop.check();
  const source = newSourceLane(setup.source);
  const target = setup.target === null ? null : newTargetLane(setup.target);
  const tables = new Map(setup.tables.map((table) => [table.manifest.source, table]));
  const strays = watchStrays(setup);
  const chains = new Map<string, Promise<ChainPlan>>();
  let directory: Promise<RunDirectory> | null = null;

  const tableOf = (name: string): WorkerTable => {
    const table = tables.get(name);
    if (table === undefined) throw new RangeError(`table ${name} is not part of this run`);
    return table;
  };
  const sourceOf = (table: WorkerTable): WorkerSource => {
    if (table.source === null) throw new RangeError(`table ${table.manifest.source} is not read in this run`);
    return table.source;
  };
  const chainOf = (table: ManifestTable, from: WorkerSource): Promise<ChainPlan> => {
    const known = chains.get(table.source) ?? planHere(from, setup.baseDirectory);
    chains.set(table.source, known);
    return known;
  };
  const fileOf = async (relative: string): Promise<string> => {
    directory ??= openRunDirectory(setup.directory);
    return (await directory).fileOf(relative);
  };
  const targetLane = () => {
    if (target === null) throw new RangeError("this run has no target");
    return target;
  };

  let following: Following | null = null;
  let searchLeaksIn: ReturnType<typeof leakSearcher> | null = null;
  let verifier: VerifyTarget | null = null;
  const verifyLane = (): VerifyTarget => {
    if (setup.target === null) throw new RangeError("this run has no target");
    verifier ??= newVerifyLane(setup.target);
    return verifier;
  };

  let bench: TargetTask | null = null;
  const targetBench = (): TargetTask => {
    if (setup.target === null) throw new RangeError("this run has no target");
    bench ??= newTargetTask(setup.target, fileOf, stop);
    return bench;
  };

  return async (task) => {
    switch (task.kind) {
      case "connect":
        await source.connect();
        return null;
      case "open-snapshot":
        await source.openSnapshot();
        return null;
      case "close-source":
        await source.close();
        strays.check();
        return null;
      case "dump": {
        const table = tableOf(task.request.table);
        const from = sourceOf(table);
        const chain = await chainOf(table.manifest, from);
        const session = source.snapshotSession();
        const { request, snapshot } = task;
        return dumpChunk({
          request,
          snapshot,
          session,
          source: from,
          manifest: table.manifest,
          chain,
          notes: stepNotesWriter(setup.notes, setup.tables.indexOf(table), keyCells(from)),
          strays,
          fileOf,
          count,
          checkStop,
        });
      }
      case "load": {
        const { manifest, routing } = tableOf(task.dumped.table);
        if (routing === null) throw new RangeError(`table ${manifest.source} is not loaded in this run`);
        const lane = targetLane();
        const loader = lane.loader(manifest, routing, task.strategy);
        const { dumped, recover } = task;
        const rows = await loadChunk({ dumped, manifest, recover, loader, fileOf, count, checkStop });
        return { rows, decision: lane.decision(manifest.source) };
      }
      case "preview": {
        const table = tableOf(task.order.table);
        const from = sourceOf(table);
        const address = setup.source;
        if (address === null) throw new RangeError("this job has no source");
        return previewTable({
          order: task.order,
          source: from,
          chain: await chainOf(table.manifest, from),
          fresh: await planHere(from, setup.baseDirectory),
          session: source.snapshotSession(),
          notes: stepNotesWriter(setup.notes, setup.tables.indexOf(table), keyCells(from)),
          strays,
          openSession: () => openSession(address, { purpose: "control" }),
          checkStop,
        });
      }
      case "verify": {
        const { manifest, routing } = tableOf(task.table);
        const everywhere = routing?.kind === "every";
        return verifyTableTask({
          manifest,
          chunks: task.chunks,
          target: verifyLane(),
          everywhere,
          checkStop,
          fileOf,
          count,
        });
      }
      case "sample-leaks": {
        const table = tableOf(task.table);
        const from = sourceOf(table);
        if (setup.source === null) throw new RangeError("this run has no source");
        return sampleLeaks(setup.source, from, await chainOf(table.manifest, from), task.request, checkStop);
      }
      case "bench-read": {
        const table = tableOf(task.order.request.table);
        const from = sourceOf(table);
        const computed = (await chainOf(table.manifest, from)).computed.map(({ expression }) => expression);
        const session = source.snapshotSession();
        return readTask({ order: task.order, session, source: from, computed, count, stop });
      }
      case "bench-keep":
        return targetBench().keep(task.order);
      case "bench-send":
        return targetBench().send(task.order);
      case "leak-values":
        searchLeaksIn = leakSearcher(task.values);
        return null;
      case "follow": {
        if (setup.source === null || setup.target === null) throw new RangeError("following needs source and target");
        following = startFollowing({
          order: task.order,
          source: setup.source,
          target: setup.target,
          strays,
          stop,
          async tableOf(name) {
            const table = tableOf(name);
            const from = sourceOf(table);
            const notes = stepNotesWriter(setup.notes, setup.tables.indexOf(table), keyCells(from));
            return { table, source: from, chain: await chainOf(table.manifest, from), notes };
          },
        });
        return following.done;
      }
      case "follow-status":
        return following?.status() ?? null;
      case "search-leaks": {
        if (searchLeaksIn === null) throw new RangeError("nothing to look for was given");
        const { dumped } = task;
        return searchLeaksIn(tableOf(dumped.table).manifest, dumped, await fileOf(dumped.file), checkStop);
      }
    }
  };
}

async function planHere(from: WorkerSource, baseDirectory: string): Promise<ChainPlan> {
  return tableChain(from, await loadRegistry(from.steps, baseDirectory));
}
