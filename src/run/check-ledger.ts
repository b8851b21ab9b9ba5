import { VtpipeError } from "../contracts/errors.ts";
import type { LedgerRecord } from "../contracts/ledger.ts";
import type { Manifest } from "../contracts/manifest.ts";
import { applyRecord, emptySpans } from "../source/spans.ts";

/**
 * Refuses, as `files`, records that no run of this directory can have written in this order. The CRC of a line proves the line; lines of
 * another directory, lines that were moved, doubled or taken out have right ones.
 */
export function checkLedger(
  path: string,
  records: readonly LedgerRecord[],
  manifest: Pick<Manifest, "plan" | "tables">,
): void {
  const faultOf = newOrder(manifest);
  const spans = emptySpans();
  records.forEach((record, index) => {
    const fault = faultOf(record);
    if (fault !== null) throw impossible(path, index + 1, fault);
    applyRecord(spans, record);
  });
}

/** Looks at one record after the other: why it cannot stand there, or null. */
function newOrder({ plan, tables }: Pick<Manifest, "plan" | "tables">): (record: LedgerRecord) => string | null {
  const known = new Set(tables.map(({ source }) => source));
  const chunks = new Set<string>();
  const bounds = new Set<string>();
  const begun = new Set<string>();
  let snapshots = 0;

  /** Does something already begin, or end, there? */
  const isTaken = (...place: unknown[]): boolean => {
    const key = JSON.stringify(place);
    const taken = bounds.has(key);
    bounds.add(key);
    return taken;
  };

  return (record) => {
    switch (record.type) {
      case "run":
        return record.plan === plan ? null : "it is the ledger of another plan than the manifest's";
      case "snapshot": {
        snapshots += 1;
        const { id } = record.snapshot;
        return id === snapshots ? null : `snapshot ${id} stands where snapshot ${snapshots} was due`;
      }
      case "span":
      case "split":
        return known.has(record.table) ? null : notListed(record.table);
      case "dumped": {
        const { chunk, table, range } = record.dumped;
        if (!known.has(table)) return notListed(table);
        if (record.snapshot < 1 || record.snapshot > snapshots) {
          return `chunk ${chunk} is of snapshot ${record.snapshot}, which was not taken`;
        }
        if (chunks.has(chunk)) return `chunk ${chunk} was written twice`;
        chunks.add(chunk);
        const overlaps = isTaken(table, "after", range.after) || isTaken(table, "upTo", range.upTo);
        return overlaps ? `chunk ${chunk} covers what another one does` : null;
      }
      case "loading":
        begun.add(`${record.target}\n${record.chunk}`);
        return null;
      case "loaded":
        return begun.has(`${record.target}\n${record.chunk}`)
          ? null
          : `chunk ${record.chunk} was loaded before its loading began`;
      case "keys":
      case "verified":
        return known.has(record.table) ? null : notListed(record.table);
      case "vdiff":
      case "handoff":
      case "follow":
        return null;
    }
  };
}

const notListed = (table: string): string => `it is about table ${table}, which the manifest does not list`;

function impossible(path: string, line: number, why: string): VtpipeError {
  return new VtpipeError({
    code: "files",
    message: `The ledger ${path} contradicts itself or the manifest in line ${line}: ${why}.`,
    now: "Nothing was read or sent; chunk files on disk are untouched.",
    todo: "Restore ledger and manifest, which belong together, from one copy. If there is none, start over in a new folder.",
    context: { file: path, line },
  });
}
