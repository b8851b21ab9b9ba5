import { Command } from "commander";
import pc from "picocolors";
import type { PlanReport } from "../../src/run/jobs/plan.ts";
import { type ConfigCommandOptions, configOf, withConfig } from "../config-options.ts";
import { runJob } from "../job-command.ts";
import { formatBytes, formatCount, formatSeconds, formatTable } from "../render/format.ts";
import { unmovedText } from "../render/unmoved.ts";

interface PlanOptions extends ConfigCommandOptions {
  readonly scan?: boolean;
}

export function planCommand(): Command {
  const command = new Command("plan").description(
    "Show what would happen: tables, keys, chunks, classes, refusals and warnings. Changes nothing.",
  );
  command.option("--scan", "read the tables in search of rows that would not arrive as they are");
  return withConfig(command, ["source", "target", "directory", "tables"]).action((options: PlanOptions) =>
    runJob("plan", options, async (context) => {
      const { planReportJob } = await import("../../src/run/jobs/plan.ts");
      const { report, outcome } = await planReportJob(await configOf(options, context, ["source", "target"]), context, {
        scan: options.scan ?? false,
      });
      context.print(report, () => planText(report));
      return options.json ? outcome : { ...outcome, tables: [] };
    }),
  );
}

function planText({ tables, unmoved, estimatedSeconds }: PlanReport): string {
  const rows = tables.map((table) => [
    table.source === table.target ? table.source : `${table.source} → ${table.target}`,
    table.class,
    table.chunkKey.join(", ") || pc.yellow("none: one stream"),
    `~${formatCount(table.rowsEstimate)}`,
    `~${formatBytes(table.bytesEstimate)}`,
    String(table.chunksEstimate),
    table.routing ?? "–",
  ]);
  const lines = [formatTable(["table", "class", "chunk key", "rows", "bytes", "chunks", "shard by"], rows, [3, 4, 5])];
  const decided = tables.filter(({ decidedBy }) => decidedBy !== null);
  if (decided.length > 0) lines.push("", ...decided.map((t) => `${t.source} is ${t.class} because of ${t.decidedBy}`));
  const left = unmovedText(unmoved);
  if (left !== "") lines.push("", left);
  if (estimatedSeconds !== null) {
    const { dump, load } = estimatedSeconds;
    lines.push(
      "",
      `Roughly ${formatSeconds(dump)} to read and ${formatSeconds(load)} to load; \`npm run bench\` measures.`,
    );
  }
  return lines.join("\n");
}
