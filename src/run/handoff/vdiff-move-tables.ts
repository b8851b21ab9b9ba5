import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { VtpipeError } from "../../contracts/errors.ts";
import { takeStep } from "../../handoff/step.ts";
import { type VdiffReport, vdiffReport } from "../../handoff/vdiff-report.ts";
import { resultRows } from "../../vitess/vtctld/query-result.ts";
import type { JobContext } from "../job.ts";
import type { BegunHandoff } from "./begun.ts";
import { takeSteps } from "./steps.ts";

const everyRow = "9223372036854775807";
const waitSeconds = 300;
const pauseMs = 1000;
/** A VDiff of a large table takes hours; one that shows no end after this is given up here, and goes on in Vitess. */
const longestHours = 48;

/** Has Vitess compare the verbatim tables; returns the tables that differ. */
export async function vdiffMoveTables({ side, plan }: BegunHandoff, context: JobContext): Promise<readonly string[]> {
  const { workflow, targetKeyspace } = side.names;
  const uuid = randomUUID();
  const create = {
    title: `Have Vitess compare the tables of ${workflow} (VDiff ${uuid}).`,
    calls: [
      {
        method: "VDiffCreate" as const,
        request: {
          workflow,
          targetKeyspace,
          uuid,
          tabletTypes: plan.tabletTypes,
          tabletSelectionPreference: "INORDER" as const,
          limit: everyRow,
          filteredReplicationWaitTime: { seconds: waitSeconds },
          maxReportSampleRows: 10,
          autoRetry: true,
        },
      },
    ],
  };
  await takeSteps(side, [create], context);
  const until = Date.now() + longestHours * 3_600_000;
  for (;;) {
    const report = await show();
    if (report.ended) return tell(report, context);
    if (context.stop.requested || Date.now() > until) {
      await takeStep(side.vtctld, {
        title: "Stop the VDiff.",
        calls: [{ method: "VDiffStop", request: { workflow, targetKeyspace, uuid } }],
      });
      context.stop.check();
      throw failed(`VDiff ${uuid} did not end in ${longestHours} hours.`);
    }
    await sleep(pauseMs, undefined, { signal: context.stop.signal }).catch(() => {});
  }

  async function show(): Promise<VdiffReport> {
    const { tabletResponses } = await side.vtctld.call("VDiffShow", { workflow, targetKeyspace, arg: uuid });
    return vdiffReport(
      new Map(Object.entries(tabletResponses).map(([shard, { output }]) => [shard, resultRows(output)])),
    );
  }
}

function tell({ tables, errors }: VdiffReport, context: JobContext): readonly string[] {
  if (errors.length > 0) throw failed(`Vitess's VDiff failed: ${errors.join("; ")}`);
  const names = [...new Set(tables.map(({ table }) => table))];
  const differing = new Set(tables.filter(({ mismatch }) => mismatch).map(({ table }) => table));
  for (const name of names) {
    const rows = tables.filter(({ table }) => table === name).reduce((sum, { rowsCompared }) => sum + rowsCompared, 0);
    context.emit({ type: "table:verified", table: name, equal: !differing.has(name), rows });
  }
  return [...differing];
}

function failed(message: string): VtpipeError {
  return new VtpipeError({
    code: "target",
    message,
    now: "Nothing was changed; Vitess starts the streams again after a VDiff.",
    todo: "Look at `vtpipe status --watch` and the tablets' logs, then run `vtpipe vdiff` again.",
  });
}
