import type { Finding } from "../../contracts/finding.ts";
import { type ForeignKeyRule, type HandoffCheck, type HandoffFacts, refusal, warning } from "./facts.ts";

/**
 * Rows that a foreign key of the source changes by itself (CASCADE, SET NULL) are in no binary log before MySQL 9.6, where
 * the server began to do it. They arrive only if the target has the same key and does the same.
 */
export const checkForeignKeys: HandoffCheck = (facts) => [...silentCascades(facts), ...acrossLanes(facts)];

function silentCascades({ servers, targets, tables }: HandoffFacts): Finding[] {
  const primary = servers.find((server) => server.primary);
  if (primary === undefined || logsCascades(primary.variables)) return [];
  const cascading = primary.foreignKeys.filter(({ onDelete, onUpdate }) => acts(onDelete) || acts(onUpdate));
  return cascading.flatMap((key) => {
    const child = tables.find(({ source, lane }) => source === key.table && lane !== "still");
    if (child === undefined) return [];
    const parent = tables.find(({ source }) => source === key.parent);
    const kept =
      parent !== undefined &&
      targets.every(({ foreignKeys }) => foreignKeys.some((other) => sameKey(key, other, child.target, parent.target)));
    if (kept) return [];
    const actions = [...new Set([key.onDelete, key.onUpdate].filter(acts))].join(" and ");
    return [
      refusal(
        "silent-cascade",
        `Foreign key ${key.name} changes rows of ${key.table} by ${actions} when ${key.parent} changes, which this source logs nowhere; the target has no such key, so its rows would stay as they were.`,
        "Keep the key on the target (schema.foreignKeys: keep, parent and child on one shard), change it to RESTRICT on the source for the time being, or use MySQL 9.6 or later.",
        key.table,
      ),
    ];
  });
}

const acts = (action: string): boolean => action === "CASCADE" || action === "SET NULL" || action === "SET DEFAULT";

function sameKey(key: ForeignKeyRule, other: ForeignKeyRule, child: string, parent: string): boolean {
  return (
    other.table === child &&
    other.parent === parent &&
    other.onDelete === key.onDelete &&
    other.onUpdate === key.onUpdate
  );
}

function logsCascades(variables: ReadonlyMap<string, string>): boolean {
  const [major = 0, minor = 0] = (variables.get("version") ?? "").split(".").map(Number);
  return (major > 9 || (major === 9 && minor >= 6)) && variables.get("innodb_native_foreign_keys") !== "ON";
}

/** Two workflows apply at their own pace, so a child's row can come before its parent's. */
function acrossLanes({ targets, tables }: HandoffFacts): Finding[] {
  const lanes = new Map(tables.map(({ target, lane }) => [target, lane]));
  const keys = new Map(
    targets.flatMap(({ foreignKeys }) => foreignKeys).map((key) => [`${key.table}.${key.name}`, key]),
  );
  return [...keys.values()].flatMap(({ name, table, parent }) => {
    const [child, other] = [lanes.get(table), lanes.get(parent)];
    if (child === undefined || child === other) return [];
    const source = tables.find(({ target }) => target === table)?.source;
    return [
      warning(
        "foreign-key-across-lanes",
        `Foreign key ${name} of the target binds ${table} to ${parent}, which ${other === undefined ? "is not handed over with it" : "goes another way"}: a stream that comes to a row before its parent waits for it and tries again.`,
        "Drop the key on the target until traffic is switched.",
        source,
      ),
    ];
  });
}
