import { type Config, type HandoffConfig, requireHandoff } from "../../config/config.ts";
import type { HandedTable } from "../../contracts/handoff.ts";
import type { HandoffPlan, TabletTypeName } from "../../handoff/plan.ts";
import { type Remembered, stateOf } from "../../handoff/state-of.ts";
import { type HandoffNames, type HandoffView, readView } from "../../handoff/view.ts";
import { openVtctld, type Vtctld, type VtctldServer } from "../../vitess/vtctld/client.ts";
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
