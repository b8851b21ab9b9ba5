import { createHash } from "node:crypto";
import type { Config } from "../../config/config.ts";
import { followedTables } from "../../config/select-tables.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { Finding } from "../../contracts/finding.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import { isWhole, type TablePositions } from "../../follow/standing.ts";
import type { PlacedChunk } from "../../handoff/bridge.ts";
import type { Journal } from "../journal.ts";
import type { PlannedTable } from "../plan-job.ts";
import type { TargetFit } from "../target-check.ts";
import type { TargetSide } from "../target-side.ts";

/** Pure: the tables to follow, by source name; all reasons against it are refused at once by whoever asks. */
export function chooseTables(
  config: Pick<Config, "handoff">,
  names: readonly string[],
  chunks: readonly PlacedChunk[],
  newest: string,
  bridging: boolean,
): readonly string[] {
  const followed = followedTables(config, names);
  // Those are at the newest snapshot's position in time by themselves; what VReplication takes over has to be brought there.
  if (!bridging || config.handoff === null) return names.filter((name) => followed.has(name));
  const older = new Set(chunks.filter(({ position }) => position !== newest).map(({ table }) => table));
  return names.filter((name) => older.has(name) && !followed.has(name));
}

/** Names tables and copy on the target: another copy of the same plan, or other tables of this one, is another. */
export function copyName({ plan, createdAt, snapshots }: Manifest, tables: readonly string[]): string {
  const parts = [plan, createdAt, snapshots.map(({ takenAt, position }) => [takenAt, position]), [...tables].sort()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

/** Pure: what stands against following each of the tables exactly. */
export function followFindings(
  tables: readonly PlannedTable[],
  positions: ReadonlyMap<string, TablePositions>,
  routing: TargetSide["routing"],
  fit: Pick<TargetFit, "tables">,
): Finding[] {
  return tables.flatMap(({ manifest: { source, target }, source: { where }, chain }) => {
    const refuse = (code: string, text: string, todo: string): Finding[] => [
      { severity: "refusal", code, table: source, text, todo },
    ];
    const route = routing.get(source);
    if (where !== null) {
      return refuse(
        "where",
        `Table ${source} has a where condition, which the source can only say of rows that it holds.`,
        `Write tables.rules.${source}.where as a filter transform (\`vtpipe transform show filter\`), and copy anew.`,
      );
    }
    if (route?.kind === "routed") {
      return refuse(
        "routed",
        `Rows of table ${target} are placed by vtgate only (${route.why}), so no transaction of one shard can hold them and the position.`,
        "Let VReplication carry the table on, or shard it by a vindex that vtpipe computes.",
      );
    }
    const keyless = (fit.tables.get(source)?.key ?? null) === null;
    const at = positions.get(source);
    if (keyless && at !== undefined && !isWhole(at)) {
      return refuse(
        "keyless-parts",
        `Parts of table ${source} were read at different positions, and without a key on the target its rows cannot be told apart.`,
        "Give the target's table the source's key, or copy the table again.",
      );
    }
    const [varying] = chain.varying;
    if (varying !== undefined && keyless) {
      return refuse(
        "varying",
        `Table ${source} has no key on the target, and ${varying.path} may make other bytes of the same row: ${varying.why}`,
        "Give the target's table a key, or take the step out and copy anew.",
      );
    }
    return [];
  });
}

/** Refuses what the ledger knows: tables that VReplication carries on, and others that were followed together with these. */
export function refuseOthersAtWork(
  journal: Journal,
  target: string,
  tables: readonly string[],
  copy: string,
  bridging: boolean,
): void {
  const handoff = journal.handoff(target);
  const handed = handoff?.tables.map(({ source }) => source).filter((source) => tables.includes(source)) ?? [];
  if (handoff !== null && handed.length > 0 && !(bridging && handoff.event === "prepared")) {
    throw refused(
      `VReplication carries ${handed.join(", ")} on, or is to (workflow ${handoff.workflow}, ${handoff.event}).`,
      "`vtpipe status` shows its streams. To follow instead, `vtpipe cancel` the handoff and copy the tables again into empty ones.",
    );
  }
  for (const record of journal.follows(target)) {
    if (record.copy === copy) {
      if (record.event !== "finished") continue;
      throw refused(
        `Following to ${target} was finished at ${record.position}; the shards' positions were taken away then.`,
        "Copy the tables again into empty ones, in a new run directory.",
      );
    }
    const both = record.tables.filter((table) => tables.includes(table));
    if (both.length === 0) continue;
    throw refused(
      `${both.join(", ")} was followed together with other tables (${record.tables.join(", ")}), up to ${record.position}.`,
      "Set tables and handoff.follow back to what they were, so that the same tables are followed together.",
    );
  }
}

function refused(message: string, todo: string): VtpipeError {
  return new VtpipeError({ code: "preflight", message, now: "Nothing was changed.", todo });
}
