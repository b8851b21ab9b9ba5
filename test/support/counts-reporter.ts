import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with its counts alone on a line, for whoever reads only the last one: `1146 passed, 0 failed, 2 skipped`. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state]++;
    }
    // A file that could not be loaded has no tests, and an error outside of tests belongs to none: both are failures.
    const broken = modules.filter((module) => module.state() === "failed" && module.children.size === 0).length;
    const failed = counts.failed + broken + errors.length;
    process.on("exit", () => {
      process.stdout.write(`${counts.passed} passed, ${failed} failed, ${counts.skipped + counts.pending} skipped\n`);
    });
  }
}
