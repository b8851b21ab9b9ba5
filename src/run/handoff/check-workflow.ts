import { asVtpipeError } from "../../contracts/errors.ts";
import type { Finding } from "../../contracts/finding.ts";
import { switchMoveTables } from "../../handoff/move-tables.ts";
import type { HandoffPlan } from "../../handoff/plan.ts";
import { refusal, warning } from "../../handoff/preflight/facts.ts";
import { migrationId } from "../../handoff/preflight/migration-id.ts";
import { makeCall } from "../../handoff/step.ts";
import { aliasText, type HandoffView } from "../../handoff/view.ts";
import { resultRows } from "../../vitess/vtctld/query-result.ts";
import { reportFindings } from "../findings.ts";
import type { JobContext } from "../job.ts";
import type { HandoffSide } from "./handoff-side.ts";

/** What can only be asked of a MoveTables workflow that is there: would a switch of it go wrong, hours later? */
export async function checkWorkflow(side: HandoffSide, plan: HandoffPlan, context: JobContext): Promise<void> {
  const view = await side.look();
  if (view.moveTables === null) return;
  reportFindings([...(await staleJournal(side, view)), ...(await rightsForReverse(side, plan))], context.emit);
}

/**
 * Stream ids begin at 1 in a keyspace that was made anew, so that a journal of an earlier migration may have this one's id.
 * A switch that finds one takes itself for switched already, and does not stop the source's writes.
 */
async function staleJournal(
  { vtctld }: HandoffSide,
  { names, moveTables, sourceShards }: HandoffView,
): Promise<Finding[]> {
  const id = migrationId(names.targetKeyspace, moveTables ?? { streams: [] });
  const findings: Finding[] = [];
  for (const { primary, name } of sourceShards) {
    const query = `select id as id from _vt.resharding_journal where id = ${id}`;
    const { result } = await vtctld.call("ExecuteFetchAsDBA", { tabletAlias: primary, query, maxRows: 1 });
    if (resultRows(result).length === 0) continue;
    findings.push(
      refusal(
        "stale-journal",
        `The source (${names.sourceKeyspace}/${name}) has a journal of an earlier migration with the id of this one (${id}): a switch would take itself for done and not stop the source's writes.`,
        `If no migration of that time is under way: vtctldclient ExecuteFetchAsDBA ${aliasText(primary)} "delete from _vt.resharding_journal where id = ${id}"`,
      ),
    );
  }
  return findings;
}

/** Vitess itself looks, in the dry run of a switch, whether the source's tablet may keep the streams back in its tables. */
async function rightsForReverse({ vtctld }: HandoffSide, plan: HandoffPlan): Promise<Finding[]> {
  try {
    const steps = switchMoveTables(plan, { back: false, dryRun: true, allowedLagSeconds: plan.maxLagSeconds });
    for (const call of steps.flatMap(({ calls }) => calls)) await makeCall(vtctld, call);
    return [];
  } catch (error) {
    const { message, code } = asVtpipeError(error);
    if (code === "interrupted") throw error;
    // Told by a check of its own; and rights cannot be tried on a server that takes no writes.
    if (/read-only/.test(message)) return [];
    if (!/required vreplication metadata permissions/.test(message)) {
      return [
        warning(
          "switch-refused",
          `Vitess would refuse a switch now: ${message}`,
          "See that it is put right before the switch.",
        ),
      ];
    }
    return [
      refusal(
        "reverse-rights",
        `The tablet in front of the source could not keep the streams back to it: ${message}`,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON `_vt`.* to the account of the tablet's --db-filtered-user.",
      ),
    ];
  }
}
