import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { planStep, run } from "./run-step.ts";

const hmac = (salt: string, value: string) => createHmac("sha256", salt).update(value).digest();

describe("hash", () => {
  it("is HMAC-SHA-256 of the cell's bytes; NULL stays NULL", () => {
    // RFC 4231, test case 2.
    const plan = planStep("hash", { column: "a", salt: "Jefe" }, "id int", "a varchar(40)");
    expect(run(plan, ["1", "what do ya want for nothing?"], ["2", null], ["3", ""])).toEqual([
      ["1", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
      ["2", null],
      ["3", hmac("Jefe", "").toString("hex")],
    ]);
    expect(plan.columns[1]).toMatchObject({ type: "char(64)", charset: "ascii", nullable: true });
    expect(plan.class).toBe("sql-twin");
  });

  it("equals the engine's own HMAC for keys and values around every boundary", () => {
    for (const salt of ["s", "k".repeat(63), "k".repeat(64), "k".repeat(65), "é".repeat(100)]) {
      const plan = planStep("hash", { column: "a", salt }, "a longtext");
      const values = [0, 1, 63, 64, 1023, 1024, 1025, 70_000, 3].map((length) => "ü".repeat(length));
      expect(run(plan, ...values.map((value) => [value]))).toEqual(
        values.map((value) => [hmac(salt, value).toString("hex")]),
      );
    }
  });

  it("has other encodings, with the types they need", () => {
    const base64 = planStep("hash", { column: "a", salt: "s", encoding: "base64" }, "a varchar(40) not null");
    expect(run(base64, ["ü"])).toEqual([[hmac("s", "ü").toString("base64")]]);
    expect(base64.columns[0]).toMatchObject({ type: "char(44)", nullable: false });
    const bigint = planStep("hash", { column: "a", salt: "s", encoding: "bigint" }, "a varchar(40)");
    expect(run(bigint, ["ü"])).toEqual([[hmac("s", "ü").readBigUInt64BE().toString()]]);
    expect(bigint.columns[0]).toMatchObject({ type: "bigint unsigned", kind: "integer", unsigned: true });
    expect(bigint.collisions).toMatchObject([{ column: "a", text: expect.stringContaining("64 of 256 bits") }]);
  });

  it("never shows its salt in an error", () => {
    expect(() => planStep("hash", { column: "b", salt: "hush-hush" }, "a text")).not.toThrow(/hush/);
    expect(() => planStep("hash", { column: "a", salt: "" }, "a text")).toThrow("hash.salt: ");
  });
});
