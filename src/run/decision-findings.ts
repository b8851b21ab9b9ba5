import type { Config } from "../config/config.ts";
import { sensitiveMatcher } from "../config/sensitive.ts";
import type { Finding } from "../contracts/finding.ts";
import type { Column } from "../contracts/schema.ts";
import { decisionText, isUndecided, passesUnsaid } from "../transform/decisions.ts";
import { whereabouts } from "../transform/plan-chain.ts";
import type { JobPlan, PlannedTable } from "./plan-job.ts";

/**
 * What the config leaves unsaid about columns: under `policy: { require: all }` a refusal per table that names every column
 * without a decision; and a warning per sensitive column that passes. Pure.
 */
export function decisionFindings(config: Config, plan: JobPlan): readonly Finding[] {
  const isSensitive = sensitiveMatcher(config.sensitive);
  return plan.tables.flatMap((planned) => [
    ...(config.policy.require === "all" ? undecided(config, planned) : []),
    ...planned.chain.decisions.filter(passesUnsaid).flatMap((decision): Finding[] => {
      const { column } = decision;
      const table = planned.manifest.source;
      const to = whereabouts(planned.chain, column.name)?.name ?? column.name;
      const pattern = isSensitive(column) ?? isSensitive({ ...column, name: to });
      if (pattern === null) return [];
      const how = decision.writtenBy.length === 0 ? "as they are" : `though ${decisionText(decision)}`;
      return [
        {
          severity: "warning",
          code: "sensitive-column",
          table,
          column: column.name,
          text: `The name is a sensitive one ("${pattern}"), and its values pass ${how}.`,
          todo: `Hide them by a transform in tables.rules.${table}, or say \`keep: { columns: [${to}] }\` there.`,
        },
      ];
    }),
  ]);
}

function undecided(config: Config, { manifest, chain }: PlannedTable): Finding[] {
  const table = manifest.source;
  const columns = chain.decisions.filter(isUndecided).map(({ column }) => column);
  const [first] = columns;
  if (first === undefined) return [];
  const text = Object.hasOwn(config.tables.rules, table)
    ? `Table ${table} has columns without a decision: ${columns.map(named).join(", ")}.`
    : `Table ${table} has no rule, so none of its columns has a decision: ${columns.map(named).join(", ")}.`;
  return [
    {
      severity: "refusal",
      code: "undecided-columns",
      table,
      column: first.name,
      text,
      todo: "policy.require is `all`: let a step of tables.rules.<table>.transforms write or drop each of these columns, or let `keep: { columns: […] }` name it; or leave the table out by tables.exclude.",
    },
  ];
}

const named = ({ name, type }: Column): string => `${name} ${type}`;
