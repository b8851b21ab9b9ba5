import type { TableClass } from "./manifest.ts";

/** Rows a preview looks at, whatever number of them it shows; also the most it shows. */
export const mostPreviewRows = 1000;

/** What `vtpipe transform preview` found out: what the chains make of sampled rows, and what is to be known before rows move. */
export interface PreviewReport {
  readonly tables: readonly PreviewedTable[];
  /** All tables' warnings together, but for those that were accepted beforehand. */
  readonly warnings: number;
  readonly accepted: number;
}

export interface PreviewedTable {
  readonly source: string;
  readonly target: string;
  readonly class: TableClass;
  /** The step that decides the class; null for identity. */
  readonly decidedBy: string | null;
  readonly columns: readonly PreviewedColumn[];
  readonly sample: SampleFacts;
  /** With `--full`: how many rows the chain was run over; else null. */
  readonly rowsChecked: number | null;
  readonly rows: readonly PreviewedRow[];
  readonly uniqueKeys: readonly KeyVerdict[];
  /** What values were held against: the live target's table, or the table `schema print` makes. */
  readonly heldAgainst: "target" | "output schema";
  readonly warnings: readonly ToldWarning[];
}

/** A column of the source or of the rows after the chain. */
export interface PreviewedColumn {
  /** Name and type at the source; null for a column the chain adds. */
  readonly before: { readonly name: string; readonly type: string } | null;
  /** null for a column that is dropped. */
  readonly after: { readonly name: string; readonly type: string } | null;
  /** Does a step write its values? */
  readonly written: boolean;
}

/** How many rows were looked at, and how they were chosen. */
export interface SampleFacts {
  readonly rows: number;
  /** Places of the key order at which rows were read; 1 where there is no key to spread them over. */
  readonly places: number;
  /** Was that every row of the table? */
  readonly whole: boolean;
  /** Rows a step left out; the rule's `where` was applied by the source already. */
  readonly filtered: number;
}

/** One row before and after. Cells are texts made for people: cut when long, bytes as hex, NULL as null. */
export interface PreviewedRow {
  /** Its chunk key, `id = 42`, or its place in the sample. */
  readonly key: string;
  readonly outcome: "kept" | "filtered" | "failed";
  /** Why the chain failed on it. */
  readonly error: string | null;
  /** Columns whose bytes are not the source's: changed, added or dropped. Empty for rows that go as they are. */
  readonly changes: readonly CellChange[];
}

export interface CellChange {
  /** Its name after the chain; before it, for a dropped column. */
  readonly column: string;
  /** Absent for a column the chain adds. */
  readonly before?: string | null;
  /** Absent for a column the chain drops. */
  readonly after?: string | null;
}

/** What the rows say about one unique key of the target. */
export interface KeyVerdict {
  readonly key: string;
  readonly columns: readonly string[];
  /** Rows whose key has no NULL. */
  readonly keys: number;
  /** How many of them have a key that another one has, too, that one not counted. */
  readonly duplicates: number;
  /** Is that all rows of the table, rather than a sample? */
  readonly exact: boolean;
}

export const previewCodes = [
  "transform",
  "value-too-long",
  "value-out-of-range",
  "value-not-allowed",
  "precision-lost",
  "uniqueness-at-risk",
  "key-changed",
  "sharding-column-changed",
  "foreign-key-differs",
  "not-deterministic",
  "sensitive-column",
  "undecided-columns",
  "row-fails",
  "target",
] as const;

export interface PreviewWarning {
  readonly code: (typeof previewCodes)[number];
  /** Full sentences: what is the case, with an example, and what can be done. */
  readonly text: string;
  /** Its name after the chain. */
  readonly column: string | null;
}

/** A warning with whether `--accept` has named it, so that it makes nothing fail. */
export interface ToldWarning extends PreviewWarning {
  readonly accepted: boolean;
}
