import { describe, expect, it } from "vitest";
import type { TableRule, TablesConfig } from "../../../src/config/config.ts";
import { compileConfig } from "../../../src/config/load-config.ts";
import { followedTables, selectTables } from "../../../src/config/select-tables.ts";

const names = ["orders", "people", "tmp_1", "a.b", "weird*name"];
const rule = (as: string | null): TableRule => ({ as, where: null, transforms: [] });
const tables = (include: string[], exclude: string[] = [], rules: TablesConfig["rules"] = {}): TablesConfig => ({
  include,
  exclude,
  rules,
});
const selected = (config: TablesConfig) => selectTables(config, names).map(({ source }) => source);

describe("selectTables", () => {
  it("takes globs and exact names; exclude wins", () => {
    expect(selected(tables(["*"], ["tmp_*"]))).toEqual(["orders", "people", "a.b", "weird*name"]);
    expect(selected(tables(["people", "order?"]))).toEqual(["orders", "people"]);
    expect(selected(tables(["a.b"]))).toEqual(["a.b"]);
    expect(selected(tables(["a?b"]))).toEqual(["a.b"]);
    expect(selected(tables(["weird*name"]))).toEqual(["weird*name"]);
  });

  it("gives target names", () => {
    expect(selectTables(tables(["people"], [], { people: rule("persons") }), names)).toEqual([
      { source: "people", target: "persons" },
    ]);
  });

  it.each([
    [tables(["poeple"]), 'tables.include[0]: The source has no table "poeple". Did you mean "people"?'],
    [tables(["*"], ["order"]), 'tables.exclude[0]: The source has no table "order". Did you mean "orders"?'],
    [
      tables(["*"], [], { oders: rule(null) }),
      'tables.rules.oders: The source has no table of this name. Did you mean "orders"?',
    ],
    [tables(["people"], [], { orders: rule(null) }), "tables.rules.orders: This table does not move"],
    [tables(["zz*"]), "No table is selected out of the 5 the source has."],
    [tables(["*"], [], { people: rule("orders") }), 'The tables "orders" and "people" would both become "orders"'],
  ])("refuses %j", (config, message) => {
    expect(() => selectTables(config, names)).toThrow(message);
  });
});

describe("followedTables", () => {
  const config = (handoff?: object) => compileConfig({ version: 1, ...(handoff && { handoff }) }, null, {});
  const followed = (follow: string[]) => [...followedTables(config({ sourceKeyspace: "ext", follow }), names)];

  it("has every table without a handoff section", () => {
    expect([...followedTables(config(), names)]).toEqual(names);
  });

  it("has only what handoff.follow names with one", () => {
    expect(followed([])).toEqual([]);
    expect(followed(["people", "o*"])).toEqual(["orders", "people"]);
  });

  it("refuses a name that does not move", () => {
    expect(() => followed(["poeple"])).toThrow(
      'handoff.follow[0]: There is no moved table "poeple". Did you mean "people"?',
    );
  });
});
