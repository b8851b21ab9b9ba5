import type { EventSink } from "../../contracts/events.ts";
import type { Finding } from "../../contracts/finding.ts";
import { readStatementLimit } from "../../load/row-limit.ts";
import { checkServer } from "../../load/target-checks.ts";
import { openLoadSession } from "../../vitess/shard-session.ts";
import { reportFindings } from "../findings.ts";
import type { RunState } from "../run-state.ts";
import { fitForVerify, type TargetFit } from "../target-check.ts";
import type { TargetSide } from "../target-side.ts";

/** Looks at the target as it is about to take changes; refuses one that cannot. Changes nothing. */
export async function fitForFollow(target: TargetSide, state: RunState, emit: EventSink): Promise<TargetFit> {
  const fit = await fitForVerify(target, state, emit);
  const findings: Finding[] = [];
  let statementLimit = Number.POSITIVE_INFINITY;
  for (const { name } of target.topology.shards) {
    await using session = await openLoadSession(
      target.address,
      { keyspace: target.topology.keyspace, shard: name },
      {},
    );
    findings.push(...(await checkServer(session, `shard ${target.topology.keyspace}/${name}`)));
    statementLimit = Math.min(statementLimit, await readStatementLimit(session, true));
  }
  reportFindings(findings, emit);
  return { ...fit, statementLimit };
}
