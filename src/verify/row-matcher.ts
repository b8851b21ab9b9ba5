import type { RowBatch } from "../contracts/rows.ts";
import type { Findings } from "./findings.ts";
import { differingColumns, keyBytes, keyLiterals, keyText, type RowKey, rowBytes } from "./row-key.ts";

/** Compares one batch of expected rows with what the target has for them, in any order. Pure. */
export interface RowMatcher {
  /** Reports rows of the target that differ, and, when `extras` is wanted, those that nobody expects. */
  actual(batch: RowBatch): void;
  /** Reports what has not come. Returns how many rows of the target were expected ones. */
  finish(): number;
}

export function newRowMatcher(key: RowKey, expected: RowBatch, findings: Findings, extras: boolean): RowMatcher {
  const open = new Map<string, number[]>();
  for (let row = 0; row < expected.rows; row++) {
    const bytes = keyBytes(key, expected, row);
    const rows = open.get(bytes);
    if (rows === undefined) open.set(bytes, [row]);
    else rows.push(row);
  }
  let matched = 0;
  return {
    actual(batch) {
      for (let row = 0; row < batch.rows; row++) {
        const wanted = open.get(keyBytes(key, batch, row))?.shift();
        const name = (): string => keyText(keyLiterals(key, batch, row));
        if (wanted === undefined) {
          if (extras) findings.add({ what: "extra", key: name(), columns: [] });
          continue;
        }
        matched += 1;
        const left = rowBytes(expected, wanted);
        const right = rowBytes(batch, row);
        if (left.equals(right)) continue;
        findings.add({ what: "different", key: name(), columns: differingColumns(key.columns, left, right) });
      }
    },
    finish() {
      const missing = [...open.values()].flat().sort((a, b) => a - b);
      for (const row of missing) {
        findings.add({ what: "missing", key: keyText(keyLiterals(key, expected, row)), columns: [] });
      }
      return matched;
    },
  };
}
