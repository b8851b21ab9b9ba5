import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noLimits } from "../../../../src/contracts/limits.ts";
import {
  limitsFileReader,
  limitsWith,
  readLimitChanges,
  writeLimitChanges,
} from "../../../../src/run/limits/limits-file.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtpipe-limits-"));
  file = join(folder, "limits.json");
});
afterAll(() => rm(folder, { recursive: true }));

test("what is written is read again, by its owner only", async () => {
  const changes = { maxRate: 50 << 20, targetLagSeconds: null, vitessThrottler: true, paused: true };
  await writeLimitChanges(file, changes);
  expect(await readLimitChanges(file)).toEqual(changes);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each([
  { what: "half a file", text: '{"maxRate": 1', says: /JSON/ },
  { what: "a limit of another kind", text: '{"maxRate": "fast"}', says: /maxRate: Expected a size per second/ },
  { what: "a rate below the least", text: '{"maxRate": 1}', says: /maxRate: Expected a size per second from 1 KiB/ },
  { what: "an unknown limit", text: '{"threadRunning": 3}', says: /threadRunning: .*threadsRunning/ },
  { what: "no section at all", text: "[]", says: /limits\.json cannot be used/ },
  { what: "a file of megabytes", text: " ".repeat(1 << 20), says: /too large/ },
])("$what is refused by name", async ({ text, says }) => {
  await writeFile(file, text);
  await expect(readLimitChanges(file)).rejects.toMatchObject({
    code: "files",
    message: expect.stringMatching(says),
    now: "A run that is at work keeps the limits it has.",
    todo: expect.stringContaining("--reset"),
  });
});

test("a reader tells of each change once, and of a file that is gone", async () => {
  await rm(file, { force: true });
  const next = limitsFileReader(file);
  expect(await next()).toBeUndefined();
  await writeLimitChanges(file, { maxRate: 4096 });
  expect(await next()).toEqual({ maxRate: 4096 });
  expect(await next()).toBeUndefined();
  await writeFile(file, "{");
  await expect(next()).rejects.toMatchObject({ code: "files" });
  expect(await next()).toBeUndefined();
  await rm(file);
  expect(await next()).toBeNull();
});

test("changes go on top of what a run was started with; null lifts a limit", () => {
  const started = { ...noLimits, maxRate: 1 << 20, threadsRunning: 25 };
  expect(limitsWith(started, {})).toEqual(started);
  expect(limitsWith(started, { maxRate: null, targetLagSeconds: 9, paused: true })).toEqual({
    ...started,
    maxRate: null,
    targetLagSeconds: 9,
  });
});
