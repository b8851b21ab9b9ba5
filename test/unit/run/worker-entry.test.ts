import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { workerFile } from "../../../src/run/worker-pool.ts";

test("a thread begins in a file that require takes as it is: one ended while require makes an ES module aborts the process", async () => {
  expect(workerFile()).toMatch(/\.cjs$/);
  const entry: (task: unknown) => Promise<unknown> = createRequire(import.meta.url)(workerFile());
  expect(await entry({ kind: "chunk" })).toMatchObject({
    error: { message: expect.stringContaining("before its setup") },
  });
});
