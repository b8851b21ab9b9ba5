/** How `vtpipe inspect` can write the rows of a chunk file. */
export const rowFormatNames = ["text", "json", "sql", "csv", "tsv"] as const;

export type RowFormatName = (typeof rowFormatNames)[number];
