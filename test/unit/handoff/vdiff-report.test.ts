import { expect, test } from "vitest";
import { vdiffReport } from "../../../src/handoff/vdiff-report.ts";

const row = (parts: object = {}) => ({
  vdiff_state: "completed",
  last_error: "",
  table_name: "orders",
  table_state: "completed",
  rows_compared: "7",
  has_mismatch: "0",
  report: '{"MismatchedRows":0,"ExtraRowsSource":0,"ExtraRowsTarget":0}',
  ...parts,
});

test("a VDiff has ended when it has on every shard", () => {
  expect(vdiffReport(new Map([["-80", [row()]]])).ended).toBe(true);
  expect(
    vdiffReport(
      new Map([
        ["-80", [row()]],
        ["80-", [row({ vdiff_state: "started" })]],
      ]),
    ).ended,
  ).toBe(false);
  expect(
    vdiffReport(
      new Map([
        ["-80", [row()]],
        ["80-", []],
      ]),
    ).ended,
  ).toBe(false);
  expect(vdiffReport(new Map()).ended).toBe(false);
});

test("a difference is one whether the flag or the report says it", () => {
  const mismatch = (parts: object) => vdiffReport(new Map([["-80", [row(parts)]]])).tables[0]?.mismatch;
  expect(mismatch({})).toBe(false);
  expect(mismatch({ has_mismatch: "1" })).toBe(true);
  expect(mismatch({ report: '{"ExtraRowsTarget":2}' })).toBe(true);
});

test("errors are told with their shard", () => {
  const report = vdiffReport(new Map([["80-", [row({ vdiff_state: "error", last_error: "no tablet" })]]]));
  expect(report).toMatchObject({ ended: true, errors: ["80-: no tablet"] });
});
