import { describe, expect, test } from "vitest";
import { createSessionPool } from "../../../src/load/session-pool.ts";
import type { Strategy, StrategyName } from "../../../src/load/strategy.ts";
import { chooseStrategy, type StrategyDecision } from "../../../src/load/strategy-choice.ts";
import type { Session } from "../../../src/mysql/session.ts";

function strategy(name: StrategyName): Strategy {
  return {
    name,
    prepares: name === "json-table",
    encode: () => Buffer.alloc(0),
    sizeOf: () => 0,
    send: () => Promise.reject(new Error("not sent here")),
  };
}
const values = strategy("values");
const jsonTable = strategy("json-table");
const full = 400_000;

describe("the choice of a strategy", () => {
  test("takes turns, then keeps the faster one", () => {
    const decisions: StrategyDecision[] = [];
    const choice = chooseStrategy([jsonTable, values], (decision) => decisions.push(decision));
    const used: string[] = [];
    for (let i = 0; i < 12; i++) {
      const next = choice.next(full);
      used.push(next.name);
      choice.timed(next, next === values ? 14 : 10, full);
    }
    expect(used.slice(0, 10).filter((name) => name === "values")).toHaveLength(5);
    expect(used.slice(10)).toEqual(["json-table", "json-table"]);
    expect(decisions).toMatchObject([
      { strategy: "json-table", why: expect.stringContaining("values took 1.40 times") },
    ]);
  });

  test.each([
    [9, "json-table", "hardly slower than the fastest on the first rows (values took 0.90 times as long)"],
    [7, "values", "fastest on the first rows (json-table took 1.43 times as long)"],
  ] as const)("is the first one's, unless another is clearly faster (10 and %i ms)", (milliseconds, strategy, why) => {
    const choice = chooseStrategy([jsonTable, values]);
    for (let i = 0; i < 10; i++) {
      const next = choice.next(full);
      choice.timed(next, next === values ? milliseconds : 10, full);
    }
    expect(choice.decision()).toEqual({ strategy, why });
  });

  test("is made early when there is no doubt about it", () => {
    const choice = chooseStrategy([jsonTable, values]);
    for (let i = 0; i < 6; i++) {
      expect(choice.decision()).toBeNull();
      const next = choice.next(full);
      choice.timed(next, next === values ? 15 : 10, full);
    }
    expect(choice.decision()?.strategy).toBe("json-table");
  });

  test("prepares nothing for small statements, unless nothing else is taken", () => {
    const choice = chooseStrategy([jsonTable, values]);
    expect([choice.next(1000), choice.next(1000)]).toEqual([values, values]);
    choice.refuse(values, "not taken");
    expect(choice.next(1000)).toBe(jsonTable);
  });

  test("does not judge by small statements", () => {
    const choice = chooseStrategy([jsonTable, values]);
    for (let i = 0; i < 50; i++) choice.timed(choice.next(1000), 1, 1000);
    expect(choice.decision()).toBeNull();
  });

  test("drops a strategy the target does not take, but never the last", () => {
    const choice = chooseStrategy([jsonTable, values]);
    choice.refuse(jsonTable, "no JSON_TABLE there");
    expect(choice.decision()).toEqual({ strategy: "values", why: "no JSON_TABLE there" });
    choice.refuse(values, "neither");
    expect(choice.next(full)).toBe(values);
    expect(choice.otherThan(values)).toBeNull();
  });
});

describe("the session pool", () => {
  const session = { close: () => Promise.resolve(), destroy() {} } as unknown as Session;

  test("opens no more sessions than there are places, and hands places on in order", async () => {
    let opened = 0;
    const pool = createSessionPool({
      places: () => 2,
      open: async () => {
        opened++;
        return session;
      },
    });
    const first = await pool.lease(0);
    const second = await pool.lease(0);
    await first.session();
    await second.session();
    const order: string[] = [];
    const third = pool.lease(0).then((lease) => {
      order.push("third");
      return lease;
    });
    const fourth = pool.lease(0).then((lease) => {
      order.push("fourth");
      return lease;
    });
    await pool.lease(1);
    expect(order).toEqual([]);
    first.release();
    await (await third).session();
    second.release();
    await (await fourth).session();
    expect(order).toEqual(["third", "fourth"]);
    expect(opened).toBe(2);
  });

  test("has as many places as it is told, from the next statement on", async () => {
    let places = 1;
    const pool = createSessionPool({ places: () => places, open: async () => session });
    const first = await pool.lease(0);
    expect(first.waited).toBe(false);
    const order: string[] = [];
    const next = (name: string) =>
      pool.lease(0).then((lease) => {
        order.push(name);
        return lease;
      });
    const [second, third, fourth] = [next("second"), next("third"), next("fourth")];
    await Promise.resolve();
    expect(order).toEqual([]);
    places = 2;
    first.release();
    expect((await second).waited).toBe(true);
    await third;
    expect(order).toEqual(["second", "third"]);
    places = 1;
    (await second).release();
    await Promise.resolve();
    expect(order).toEqual(["second", "third"]);
    (await third).release();
    (await fourth).release();
  });
});
