import { type Config, type HandoffConfig, requireHandoff } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { HandedTable } from "../../contracts/handoff.ts";
import type { CopiedRows, HandoffPlan, TabletTypeName } from "../../handoff/plan.ts";
import { type Remembered, stateOf } from "../../handoff/state-of.ts";
import { type HandoffNames, type HandoffView, readView } from "../../handoff/view.ts";
import { openVtctld, type Vtctld, type VtctldServer } from "../../vitess/vtctld/client.ts";
import { chunksByTable, type RunState, rowsOf } from "../run-state.ts";
import { targetAddress, targetId } from "../target-side.ts";
import type { LaneState } from "./verdicts.ts";

/** The cluster as a handoff's jobs work with it: vtctld, what the handoff is called there, and what the run directory knows. */
export interface HandoffSide extends AsyncDisposable {
  readonly vtctld: Vtctld;
  readonly server: VtctldServer;
  readonly names: HandoffNames;
  readonly config: HandoffConfig;
  /** Names the target in the ledger. */
  readonly target: string;
  look(): Promise<HandoffView>;
}

/** `timeoutMs` is for calls that do not say; default: what the client has. */
export async function openHandoffSide(config: Config, signal: AbortSignal, timeoutMs?: number): Promise<HandoffSide> {
  const { handoff, vtctld: address } = requireHandoff(config);
  const target = targetAddress(config);
  const names: HandoffNames = {
    sourceKeyspace: handoff.sourceKeyspace,
    targetKeyspace: target.database,
    workflow: handoff.workflow,
  };
  const server: VtctldServer = { address, tls: handoff.tls, login: handoff.login };
  const vtctld = await openVtctld(server, { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  return {
    vtctld,
    server,
    names,
    config: handoff,
    target: targetId(target),
    look: () => readView(vtctld, names),
    [Symbol.asyncDispose]: () => vtctld.close(),
  };
}

/** The plan of a handoff of `tables`. */
export function handoffPlan({ names, config }: HandoffSide, tables: readonly HandedTable[]): HandoffPlan {
  return {
    names,
    tables,
    cells: config.cells,
    tabletTypes: config.tabletTypes.map((type) => type.toUpperCase() as TabletTypeName),
    maxLagSeconds: config.maxLagSeconds,
    switchTimeoutSeconds: config.switchTimeoutSeconds,
  };
}

/** Where each lane that has tables stands. */
export function laneStates(view: HandoffView, plan: HandoffPlan, remembered: Remembered): LaneState[] {
  const lanes = (["move-tables", "streams"] as const).filter((lane) => plan.tables.some((t) => t.lane === lane));
  return lanes.map((lane): LaneState => ({ lane, state: stateOf(view, lane, remembered) }));
}

/** What the run directory says was copied to the target; refuses a copy that is not there in full. */
export function copiedRows({ directory, manifest, journal }: RunState, target: string): CopiedRows {
  const unloaded = manifest.chunks.filter(({ chunk }) => journal.loadState(target, chunk) !== "loaded");
  if (!manifest.complete || unloaded.length > 0) {
    throw new VtpipeError({
      code: "preflight",
      message: manifest.complete
        ? `${unloaded.length} of the ${manifest.chunks.length} chunks in ${directory.path} are not on ${target}.`
        : `The copy in ${directory.path} is not complete.`,
      now: "Nothing was changed.",
      todo: "Finish the copy first, with the same `vtpipe run` again.",
      context: { directory: directory.path },
    });
  }
  const positions = new Map(manifest.snapshots.map(({ id, position }) => [id, position]));
  const at = (snapshot: number): string => positions.get(snapshot) ?? noPosition(directory.path);
  const newest = Math.max(...manifest.chunks.map(({ snapshot }) => snapshot), 0);
  const byTable = chunksByTable(manifest);
  return {
    position: at(newest),
    chunks: manifest.chunks.map(({ table, range, snapshot }) => ({ table, range, position: at(snapshot) })),
    rows: new Map(manifest.tables.map(({ source }) => [source, rowsOf(byTable.get(source) ?? [])])),
  };
}

function noPosition(directory: string): never {
  throw new VtpipeError({
    code: "preflight",
    message: `The snapshot in ${directory} has no position: the source has GTIDs off.`,
    now: "Nothing was changed.",
    todo: "Turn gtid_mode on at the source and copy again; VReplication starts at a GTID position.",
    context: { directory },
  });
}
