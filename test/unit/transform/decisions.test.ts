import { expect, test } from "vitest";
import { decisionText, isHidden, isUndecided, passesUnsaid } from "../../../src/transform/decisions.ts";
import { planChain } from "../../../src/transform/plan-chain.ts";
import { loadRegistry } from "../../../src/transform/registry.ts";
import { columnsOf } from "../../support/rows.ts";

const registry = await loadRegistry([], "/");
const columns = columnsOf("id bigint not null", "email varchar(190)", "phone varchar(40)", "note text");
const absent = columnsOf("lower_email varchar(190)");

function decide(...entries: Record<string, unknown>[]) {
  const steps = entries.map(({ when, ...entry }, i) => {
    const [name = ""] = Object.keys(entry);
    const condition = when === undefined ? {} : { when };
    return { name, parameters: entry[name], path: `transforms[${i}].${name}`, ...condition };
  });
  const { decisions } = planChain("people", columns, steps, registry, { absent });
  const names = (is: typeof isHidden) => decisions.filter(is).map(({ column }) => column.name);
  return {
    undecided: names(isUndecided),
    passes: names(passesUnsaid),
    hidden: names(isHidden),
    text: (name: string) => decisionText(decisions.find(({ column }) => column.name === name) ?? expect.fail()),
  };
}

test("a column is decided by a step that keeps, drops or writes it", () => {
  const all = ["id", "email", "phone", "note"];
  expect(decide()).toMatchObject({ undecided: all, passes: all, hidden: [] });
  const some = decide(
    { keep: { columns: ["ID"] } },
    { hash: { column: "email", salt: "s" } },
    { drop: { columns: ["note"] } },
  );
  expect(some).toMatchObject({ undecided: ["phone"], passes: ["phone"], hidden: ["email", "note"] });
  expect(["id", "email", "phone", "note"].map(some.text)).toEqual([
    "kept by transforms[0].keep",
    "rewritten by transforms[1].hash",
    "without a decision",
    "dropped by transforms[2].drop",
  ]);
});

test("a rename decides nothing, and is followed", () => {
  expect(decide({ rename: { column: "email", to: "mail" } }).undecided).toContain("email");
  const kept = decide({ rename: { column: "email", to: "mail" } }, { keep: { columns: ["mail"] } });
  expect(kept.undecided).not.toContain("email");
  const swapped = decide(
    { drop: { columns: ["phone"] } },
    { rename: { column: "email", to: "phone" } },
    { redact: { column: "phone" } },
  );
  expect(swapped).toMatchObject({ undecided: ["id", "note"], hidden: ["email", "phone"] });
});

test("what only reshapes a value, or only some values, decides but does not hide all", () => {
  expect(decide({ trim: { column: "email" } })).toMatchObject({
    undecided: ["id", "phone", "note"],
    passes: ["id", "email", "phone", "note"],
    hidden: [],
  });
  const some = decide({ redact: { column: "email" }, when: { phone: null } });
  expect(some).toMatchObject({ passes: ["id", "email", "phone", "note"], hidden: ["email"] });
  expect(some.text("email")).toBe("rewritten by transforms[0].redact where its condition holds");
});

test("what is kept is no secret, even if it is rewritten or dropped", () => {
  const kept = decide(
    { keep: { columns: ["email", "note"] } },
    { redact: { column: "email" } },
    { drop: { columns: ["note"] } },
  );
  expect(kept).toMatchObject({ undecided: ["id", "phone"], hidden: [] });
});

test("a generated column that is not read needs no decision", () => {
  expect(decide().undecided).not.toContain("lower_email");
  expect(decide({ drop: { columns: ["lower_email"] } }).hidden).toEqual([]);
});
