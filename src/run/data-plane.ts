import type { ManifestTable } from "../contracts/manifest.ts";
import { openSession } from "../mysql/session.ts";
import { pathInside } from "../store/inside.ts";
import type { ChainPlan } from "../transform/plan-chain.ts";
import type { Registry } from "../transform/registry.ts";
import type { VerifyTarget } from "../verify/target.ts";
import type { BenchTasks } from "./bench/bench-tasks.ts";
import { chunkFiles } from "./chunk-files.ts";
import { counterWriter } from "./counters.ts";
import type { Following } from "./follow/follow-task.ts";
import { newLane } from "./lane.ts";
import type { leakSearcher } from "./leak-tasks.ts";
import { valvePort } from "./limits/valve.ts";
import { newSourceLane } from "./source-lane.ts";
import { laneNotesWriter } from "./stalls/lane-notes.ts";
import { stepNotesWriter } from "./step-notes.ts";
import { keyCells } from "./step-trouble.ts";
import { newStopSignal } from "./stop-signal.ts";
import { watchStrays } from "./strays.ts";
import { tableChain } from "./table-chain.ts";
import type { TargetLane } from "./target-lane.ts";
import type { WorkerResults, WorkerSetup, WorkerSource, WorkerTable, WorkerTask } from "./worker-task.ts";

/**
 * All that one worker does and holds: its connection to the source, its sessions to the target, its planned chains. What a
 * task needs is loaded with the first task of its kind: all of it together took each thread 0.4 s, reading alone 0.15 s.
 */
export function newDataPlane(setup: WorkerSetup): (task: WorkerTask) => Promise<WorkerResults[WorkerTask["kind"]]> {
  const count = counterWriter(setup.counters);
  const stop = newStopSignal(setup.stop);
  const checkStop = (): void => stop.check();
  const laneNotes = laneNotesWriter(setup.lanes);
  const valve = valvePort(setup.valve, checkStop);
  const reading = newLane("reading", valve, laneNotes, count);
  const loading = newLane("loading", valve, laneNotes, count);
  const source = newSourceLane(setup.source);
  const tables = new Map(setup.tables.map((table) => [table.manifest.source, table]));
  const strays = watchStrays(setup);
  const chains = new Map<string, Promise<ChainPlan>>();

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
  const files = chunkFiles((relative) => pathInside(setup.directory, relative), setup.key);
  let target: Promise<TargetLane> | null = null;
  const targetLane = (): Promise<TargetLane> => {
    const { target: to } = setup;
    if (to === null) throw new RangeError("this run has no target");
    target ??= import("./target-lane.ts").then(({ newTargetLane }) => newTargetLane(to, laneNotes.inFlight));
    return target;
  };

  let following: Following | null = null;
  let searchLeaksIn: ReturnType<typeof leakSearcher> | null = null;
  let verifier: Promise<VerifyTarget> | null = null;
  const verifyLane = (): Promise<VerifyTarget> => {
    const { target: to } = setup;
    if (to === null) throw new RangeError("this run has no target");
    verifier ??= import("./verify-lane.ts").then(({ newVerifyLane }) => newVerifyLane(to));
    return verifier;
  };

  let bench: Promise<BenchTasks> | null = null;
  const benchTasks = (): Promise<BenchTasks> => {
    bench ??= import("./bench/bench-tasks.ts").then(({ newBenchTasks }) =>
      newBenchTasks({ setup, lane: source, tableOf, sourceOf, chainOf, files, count, stop, strays }),
    );
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
        const { dumpChunk } = await import("./dump-chunk.ts");
        return dumpChunk({
          request,
          snapshot,
          session,
          source: from,
          manifest: table.manifest,
          chain,
          notes: stepNotesWriter(setup.notes, setup.tables.indexOf(table), keyCells(from)),
          strays,
          lane: reading,
          files,
          count,
          checkStop,
        });
      }
      case "load": {
        const { manifest, routing } = tableOf(task.dumped.table);
        if (routing === null) throw new RangeError(`table ${manifest.source} is not loaded in this run`);
        const lane = await targetLane();
        const loader = lane.loader(manifest, routing, task.strategy);
        const { dumped, recover } = task;
        const { loadChunk } = await import("./load-chunk.ts");
        const rows = await loadChunk({ dumped, manifest, recover, loader, lane: loading, files, count, checkStop });
        return { rows, decision: lane.decision(manifest.source), paces: lane.paceChanges() };
      }
      case "preview": {
        const table = tableOf(task.order.table);
        const from = sourceOf(table);
        const address = setup.source;
        if (address === null) throw new RangeError("this job has no source");
        const { previewTable } = await import("./preview-table.ts");
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
        const { verifyTableTask } = await import("./verify-task.ts");
        return verifyTableTask({
          manifest,
          chunks: task.chunks,
          target: await verifyLane(),
          everywhere,
          checkStop,
          files,
          count,
        });
      }
      case "sample-leaks": {
        const table = tableOf(task.table);
        const from = sourceOf(table);
        if (setup.source === null) throw new RangeError("this run has no source");
        const { sampleLeaks } = await import("./leak-tasks.ts");
        return sampleLeaks(setup.source, from, await chainOf(table.manifest, from), task.request, checkStop);
      }
      case "bench-read":
      case "bench-chain":
      case "bench-keep":
      case "bench-send":
        return (await benchTasks())(task);
      case "leak-values": {
        const { leakSearcher } = await import("./leak-tasks.ts");
        searchLeaksIn = leakSearcher(task.values);
        return null;
      }
      case "follow": {
        if (setup.source === null || setup.target === null) throw new RangeError("following needs source and target");
        const { startFollowing } = await import("./follow/follow-task.ts");
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
        return searchLeaksIn(tableOf(dumped.table).manifest, dumped, files, checkStop);
      }
    }
  };
}

async function planHere(from: WorkerSource, baseDirectory: string): Promise<ChainPlan> {
  if (from.steps.length === 0) return tableChain(from, noSteps);
  const { loadRegistry } = await import("../transform/registry.ts");
  return tableChain(from, await loadRegistry(from.steps, baseDirectory));
}

const noSteps: Registry = (step) => {
  throw new RangeError(`${step.path} is no step of this table`);
};
