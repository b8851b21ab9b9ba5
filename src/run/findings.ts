import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import type { Finding } from "../contracts/finding.ts";

/** Warnings become events; refusals, all of them together, one error. */
export function reportFindings(findings: readonly Finding[], emit: EventSink): void {
  for (const { severity, code, text, todo, table, column } of findings) {
    if (severity === "refusal") continue;
    const place = { ...(table === undefined ? {} : { table }), ...(column === undefined ? {} : { column }) };
    emit({ type: "warning", code, text: `${text} ${todo}`, ...place });
  }
  const refusals = findings.filter(({ severity }) => severity === "refusal");
  const [first] = refusals;
  if (first === undefined) return;
  throw new VtpipeError({
    code: "preflight",
    message: refusals.map(({ text }) => text).join("\n  "),
    now: "Nothing was changed.",
    // Many tables often need the same thing.
    todo: [...new Set(refusals.map(({ todo }) => todo))].join("\n  "),
    context: {
      finding: first.code,
      refusals: refusals.length,
      ...(first.table === undefined ? {} : { table: first.table }),
      ...(first.column === undefined ? {} : { column: first.column }),
    },
  });
}
