import { expect, test } from "vitest";
import { childSeconds, line, measure, peakOf } from "../../../bench/measure.ts";

test("CPU seconds are those of the children, user and system, minutes included", () => {
  expect(childSeconds("0m9.000000s 0m9.000000s\n1m2.500000s 0m0.250000s\n")).toBeCloseTo(62.75);
  expect(() => childSeconds("real 1.2")).toThrow("not understood");
});

test("the peak comes from VmHWM, not from what is resident now", () => {
  expect(peakOf("Name:\tnode\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n")).toBe(2048);
  expect(peakOf("Name:\tzombie\n")).toBe(0);
});

test("a program's time, output and memory are measured through the shell", async () => {
  const busy = "const end = performance.now() + 300; while (performance.now() < end); console.log(`it's done`)";
  const measured = await measure(line([process.execPath, "-e", busy]));
  expect(measured.stdout).toBe("it's done\n");
  expect(measured.cpuSeconds).toBeGreaterThan(0.1);
  expect(measured.wallSeconds).toBeGreaterThanOrEqual(0.3);
  if (process.platform === "linux") expect(measured.peakRssMiB).toBeGreaterThan(10);
});

test("a program that fails is an error that tells its last words, or the message of its JSON summary", async () => {
  await expect(measure("echo first; echo 'no such table' >&2; exit 3")).rejects.toThrow("ended with 3: no such table");
  const summary = JSON.stringify({ type: "summary", error: { message: 'a "quoted" reason', stack: "at …" } });
  await expect(measure(`${line(["echo", summary])}; exit 1`)).rejects.toThrow('ended with 1: a "quoted" reason');
});

test("lines are told as they come to their end, and a failure may be an answer", async () => {
  const lines: string[] = [];
  const { failure } = await measure("printf 'one\\ntwo\\nrest'; (exit 2)", {
    onLine: (text) => lines.push(text),
    mayFail: true,
  });
  expect(lines).toEqual(["one", "two"]);
  expect(failure).toContain("ended with 2: one two rest");
});

test("the message of a summary is found however long its line is", async () => {
  const script = `console.log('{"error":{"message":"it is full"},"tables":"' + 'x'.repeat(200000) + '"}')`;
  await expect(measure(`${line([process.execPath, "-e", script])}; exit 1`)).rejects.toThrow(
    "ended with 1: it is full",
  );
});
