import fc from "fast-check";
import { expect, test } from "vitest";
import { allowedAfter, burstSeconds, newValveMemory, valveOver, valvePort } from "../../../src/run/limits/valve.ts";

/** Ticks of the main thread, as far apart as they may come, and what workers bring in between. */
const mostBytes = 64 << 10;
const brought = fc.array(fc.integer({ min: 1, max: mostBytes }), { minLength: 20, maxLength: 40 });
const ticks = fc.array(
  fc.record({
    seconds: fc.double({ min: 0.001, max: 1, noNaN: true }),
    // Mostly nothing: only who rests can save up.
    brought: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: brought }),
  }),
  { minLength: 1, maxLength: 100 },
);
const rates = fc.integer({ min: 10, max: 22 }).map((power) => 2 ** power);
const usual = fc.integer({ min: 64 << 10, max: 1 << 30 });

test("whatever workers bring and when, in no stretch of time more passes than the rate and one burst allow", () => {
  fc.assert(
    fc.property(rates, ticks, (rate, all) => {
      let [drawn, allowed] = [0n, 0n];
      const waiting: { readonly number: bigint; readonly bytes: number }[] = [];
      const passed: number[] = [];
      for (const { seconds, brought } of all) {
        allowed = allowedAfter({ drawn, allowed, rate, seconds });
        for (const bytes of brought) {
          drawn += BigInt(bytes);
          waiting.push({ number: drawn, bytes });
        }
        let bytes = 0;
        while (waiting[0] !== undefined && waiting[0].number <= allowed) bytes += waiting.shift()?.bytes ?? 0;
        passed.push(bytes);
      }
      // What waited before a stretch may have been paid for in part; and each tick rounds.
      const spare = mostBytes + all.length;
      let worst = Number.NEGATIVE_INFINITY;
      for (let from = 0; from < all.length; from++) {
        let [bytes, seconds] = [0, 0];
        for (let to = from; to < all.length; to++) {
          bytes += passed[to] ?? 0;
          seconds += all[to]?.seconds ?? 0;
          worst = Math.max(worst, bytes - rate * (seconds + burstSeconds) - spare);
        }
      }
      expect(worst).toBeLessThanOrEqual(0);
    }),
    { numRuns: 200 },
  );
});

test("whoever waits passes once the rate has brought what was drawn until then", () => {
  fc.assert(
    fc.property(usual, fc.array(fc.integer({ min: 1, max: 1 << 20 }), { minLength: 1, maxLength: 20 }), (rate, all) => {
      const drawn = all.reduce((sum, bytes) => sum + BigInt(bytes), 0n);
      let allowed = 0n;
      const needed = Math.ceil(Number(drawn) / rate / 0.05) + all.length;
      for (let tick = 0; tick <= needed * 2; tick++) allowed = allowedAfter({ drawn, allowed, rate, seconds: 0.05 });
      expect(allowed >= drawn).toBe(true);
    }),
  );
});

test("what nobody draws is saved up for a quarter of a second, and a debt is paid first", () => {
  expect(allowedAfter({ drawn: 0n, allowed: 0n, rate: 1000, seconds: 60 })).toBe(250n);
  expect(allowedAfter({ drawn: 5000n, allowed: 0n, rate: 1000, seconds: 1 })).toBe(1000n);
});

test("an open valve without a rate is passed at once, a closed one by nobody until it opens", async () => {
  const memory = newValveMemory();
  const valve = valveOver(memory);
  const [one, other] = [valvePort(memory, () => {}), valvePort(memory, () => {})];
  expect(one.pass("reading", 1 << 30)).toBeNull();
  valve.close("reading");
  const waits = other.pass("reading", 1);
  expect(waits).not.toBeNull();
  // The other way is not closed by that.
  expect(one.pass("loading", 1 << 20)).toBeNull();
  valve.open("reading");
  expect(await waits).toBeGreaterThan(0);
});

test("what passed before there was a rate is not paid for; then each waits for its own bytes", async () => {
  const memory = newValveMemory();
  const valve = valveOver(memory);
  const port = valvePort(memory, () => {});
  expect(port.pass("reading", 2 ** 40)).toBeNull();
  valve.setRate(1000);
  const first = port.pass("reading", 1000);
  const second = port.pass("reading", 500);
  expect(valve.isWaitedFor("reading")).toBe(true);
  valve.refill(1);
  expect(await first).toBeGreaterThan(0);
  expect(valve.isWaitedFor("reading")).toBe(true);
  valve.setRate(null);
  expect(await second).toBeGreaterThan(0);
});

test("a worker that waits still hears that it is to stop", async () => {
  const memory = newValveMemory();
  valveOver(memory).close("loading");
  const port = valvePort(memory, () => {
    throw new Error("told to stop");
  });
  await expect(port.pass("loading", 1)).rejects.toThrow("told to stop");
});

test("few bytes at a time where few may pass", () => {
  const memory = newValveMemory();
  const port = valvePort(memory, () => {});
  const at = (rate: number | null): number => {
    valveOver(memory).setRate(rate);
    return port.batchBytes();
  };
  expect([null, 1 << 30, 4 << 20, 1024].map(at)).toEqual([1 << 20, 1 << 20, 512 << 10, 16 << 10]);
});
