import { defineConfig } from "vitest/config";

/** Real servers are started once per run by test/support/servers.ts; unit and property tests need none. */
const servers = {
  globalSetup: ["test/support/servers.ts"],
  // Fails a test that leaves something open or much memory behind; it collects garbage before it looks.
  setupFiles: ["test/support/no-leaks.ts"],
  execArgv: ["--expose-gc"],
  testTimeout: 120_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/counts-reporter.ts"],
    projects: [
      // Some compile or flip every byte of a file, in seconds; a busy machine makes more of them.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 20_000 } },
      { test: { name: "property", include: ["test/property/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"], ...servers } },
      { test: { name: "vitess", include: ["test/vitess/**/*.test.ts"], ...servers, fileParallelism: false } },
      { test: { name: "faults", include: ["test/faults/**/*.test.ts"], ...servers, fileParallelism: false } },
    ],
  },
});
