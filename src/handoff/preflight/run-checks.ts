import type { Finding } from "../../contracts/finding.ts";
import { checkBinaryLog } from "./binary-log.ts";
import { checkCarriedTypes } from "./carried-types.ts";
import { checkDirectWriters } from "./direct-writers.ts";
import type { HandoffCheck, HandoffFacts, Moment } from "./facts.ts";
import { checkForeignKeys } from "./foreign-keys.ts";
import { checkGtids } from "./gtids.ts";
import { checkRetention } from "./retention.ts";
import { checkSourceIdentity } from "./source-identity.ts";
import { checkTableNames } from "./table-names.ts";
import { checkTablets } from "./tablets.ts";
import { checkTargetServers } from "./target-servers.ts";
import { checkVersions } from "./versions.ts";
import { checkVschema } from "./vschema.ts";
import { checkWorkflowNames } from "./workflow-names.ts";

/** In this order, so that two runs say the same things in the same order; with those that still matter after the copy. */
const checks: readonly (readonly [check: HandoffCheck, moments: readonly Moment[]])[] = [
  [checkSourceIdentity, ["copy", "handoff"]],
  [checkVersions, ["copy", "handoff"]],
  [checkTablets, ["copy", "handoff"]],
  [checkTableNames, ["copy", "handoff"]],
  [checkBinaryLog, ["copy", "handoff"]],
  [checkGtids, ["copy", "handoff"]],
  [checkRetention, ["copy"]],
  [checkWorkflowNames, ["copy"]],
  [checkVschema, ["copy", "handoff"]],
  [checkTargetServers, ["copy", "handoff"]],
  [checkForeignKeys, ["copy", "handoff"]],
  [checkCarriedTypes, ["copy"]],
  [checkDirectWriters, ["copy"]],
];

/** Pure: everything that stands against a handoff, or is worth knowing before it. */
export function runHandoffChecks(facts: HandoffFacts): readonly Finding[] {
  return checks.flatMap(([check, moments]) => (moments.includes(facts.moment) ? check(facts) : []));
}
