/**
 * For WorkflowUpdate: cells and tablet types stay as they are. Lists cannot be absent in protobuf, and empty ones would make
 * the streams' own empty; a preference that is absent makes the order of the types be forgotten, which is what happens by
 * `Workflow start` (UpdateVReplicationWorkflow in go/vt/vttablet/tabletmanager/rpc_vreplication.go of Vitess).
 */
export const keepCellsAndTypes: {
  readonly cells: readonly string[];
  readonly tabletTypes: readonly number[];
  readonly tabletSelectionPreference: "UNKNOWN";
} = { cells: ["NULL"], tabletTypes: [-1], tabletSelectionPreference: "UNKNOWN" };
