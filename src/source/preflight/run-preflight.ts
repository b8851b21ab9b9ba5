import type { Finding } from "../../contracts/finding.ts";
import { checkBinaryLog } from "./binary-log.ts";
import { checkEngines } from "./engines.ts";
import type { Check, PreflightContext } from "./finding.ts";
import { checkGtids } from "./gtids.ts";
import { checkInvisibleKeys } from "./invisible-keys.ts";
import { checkKeylessTables } from "./keyless-tables.ts";
import { checkLossyCharsets } from "./lossy-charsets.ts";
import { checkPrivileges } from "./privileges.ts";

/** In this order, so that two runs say the same things in the same order. None of them reads rows. */
const checks: readonly Check[] = [
  checkPrivileges,
  checkEngines,
  checkBinaryLog,
  checkGtids,
  checkKeylessTables,
  checkInvisibleKeys,
  checkLossyCharsets,
];

/** Everything worth saying about the source before the job, refusals first. Scans are asked for one by one, see row-finder.ts. */
export async function runPreflight(context: PreflightContext): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check(context)));
  return [
    ...findings.filter((finding) => finding.severity === "refusal"),
    ...findings.filter((finding) => finding.severity === "warning"),
  ];
}
