import { expect, test } from "vitest";
import type { RoutingPlan } from "../../../src/load/routing.ts";
import { columnFromType } from "../../../src/mysql/column-type.ts";
import { provenBy } from "../../../src/run/target-side.ts";
import type { VschemaTable } from "../../../src/vitess/vschema.ts";

const plan: RoutingPlan = { kind: "vindex", cell: 0, type: "hash", why: "" };
const vindexOf = (name: string, columns: string): VschemaTable["primaryVindex"] => {
  return { name, type: "hash", params: "", columns };
};
const asked = (column: string, type: string, vindex = vindexOf("hash", column)): string | null =>
  provenBy(plan, { primaryVindex: vindex }, [columnFromType(column, type)]);

test("tables ask vtgate the same when vindex and column type are the same, whatever the column is called", () => {
  expect(asked("id", "bigint not null")).toBe(asked("customer_id", "bigint not null"));
  expect(asked("id", "bigint not null")).not.toBe(asked("id", "bigint unsigned not null"));
  expect(asked("id", "bigint not null")).not.toBe(asked("id", "bigint not null", vindexOf("other", "id")));
});

test("nothing is asked where no vindex is computed here", () => {
  expect(provenBy({ kind: "routed", why: "" }, { primaryVindex: vindexOf("hash", "id") }, [])).toBeNull();
  expect(asked("id", "bigint not null", null)).toBeNull();
});
