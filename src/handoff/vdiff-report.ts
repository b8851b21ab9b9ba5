/** What Vitess's VDiff found in one table of one shard. */
export interface VdiffTable {
  readonly shard: string;
  readonly table: string;
  readonly state: string;
  readonly rowsCompared: number;
  readonly mismatch: boolean;
  /** What went wrong, if it did not end. */
  readonly lastError: string;
}

export interface VdiffReport {
  /** Has it ended on every shard, well or not? */
  readonly ended: boolean;
  readonly tables: readonly VdiffTable[];
  readonly errors: readonly string[];
}

type Row = Readonly<Record<string, string | null>>;

/** Pure: rows of VDiffShow by shard, one row per table. A shard that has not begun has no rows yet. */
export function vdiffReport(shards: ReadonlyMap<string, readonly Row[]>): VdiffReport {
  const all = [...shards].flatMap(([shard, rows]) => rows.map((row) => ({ shard, row })));
  const states = [...shards.values()].map((rows) => rows[0]?.["vdiff_state"] ?? "pending");
  return {
    ended: states.length > 0 && states.every((state) => state === "completed" || state === "error"),
    tables: all.map(({ shard, row }) => ({
      shard,
      table: row["table_name"] ?? "",
      state: row["table_state"] ?? "",
      rowsCompared: Number(row["rows_compared"] ?? 0),
      mismatch: row["has_mismatch"] === "1" || (row["table_state"] === "completed" && differs(row["report"] ?? null)),
      lastError: row["last_error"] ?? "",
    })),
    errors: [
      ...new Set(all.flatMap(({ shard, row }) => (row["last_error"] ? [`${shard}: ${row["last_error"]}`] : []))),
    ],
  };
}

/** A table's own report is JSON with counts of rows that are not alike. */
function differs(report: string | null): boolean {
  if (report === null || report === "") return false;
  const counts = JSON.parse(report) as Record<string, unknown>;
  return ["MismatchedRows", "ExtraRowsSource", "ExtraRowsTarget"].some((name) => Number(counts[name] ?? 0) > 0);
}
