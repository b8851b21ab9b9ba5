import { bridgeWorkflow, streamsWorkflow, type WorkflowView } from "../view.ts";
import { type HandoffCheck, refusal, warning } from "./facts.ts";

/** Are the names of our workflows ours? One that the run directory knows nothing of has other tables and other positions. */
export const checkWorkflowNames: HandoffCheck = ({ view, begun }) => {
  if (begun === true) return [];
  const { names } = view;
  const taken = (
    [
      [names.targetKeyspace, names.workflow, view.moveTables],
      [names.targetKeyspace, streamsWorkflow(names), view.streams],
      [names.targetKeyspace, bridgeWorkflow(names), view.bridge],
      [names.sourceKeyspace, `${names.workflow}_reverse`, view.reverse],
    ] as const satisfies readonly (readonly [string, string, WorkflowView | null])[]
  ).filter(([, , workflow]) => workflow !== null);
  return taken.map(([keyspace, name]) =>
    (begun === null ? warning : refusal)(
      "workflow-exists",
      `Workflow ${name} is in keyspace ${keyspace} already${begun === null ? "." : ", and the run directory knows nothing of it."}`,
      `If it is left from an earlier try: vtctldclient Workflow --keyspace=${keyspace} delete --workflow=${name} --keep-data; otherwise name this one by handoff.workflow.`,
    ),
  );
};
