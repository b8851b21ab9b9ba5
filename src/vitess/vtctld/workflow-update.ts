/**
 * For WorkflowUpdate: cells and tablet types stay as they are. Lists cannot be absent in protobuf, and empty ones would make
 * the streams' own empty (go/textutil/strings.go in Vitess).
 */
export const keepCellsAndTypes: { readonly cells: readonly string[]; readonly tabletTypes: readonly number[] } = {
  cells: ["NULL"],
  tabletTypes: [-1],
};
