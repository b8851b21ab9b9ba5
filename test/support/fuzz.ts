import fc from "fast-check";

/**
 * Fuzzers are quick in an ordinary run of the suites. `VTPIPE_FUZZ_RUNS=20`, for a nightly, gives each of them twenty times its runs;
 * `VTPIPE_FUZZ_SEED` gives them the seed that a failure told.
 */
const times = numberIn("VTPIPE_FUZZ_RUNS") ?? 1;
const seed = numberIn("VTPIPE_FUZZ_SEED");

/** What a fuzzer's test may take, in milliseconds. */
export const fuzzTimeout: number = 120_000 * times;

/**
 * Checks a property and prints how many runs that took. `usual` is their number when nobody asked for more. Values that fail are made
 * smaller, unless a run is too `slow` for that.
 */
export async function fuzz<Values>(
  what: string,
  usual: number,
  property: fc.IAsyncProperty<Values>,
  { slow = false } = {},
): Promise<void> {
  await fc.assert(property, {
    numRuns: usual * times,
    endOnFailure: slow,
    ...(seed === null ? {} : { seed }),
    reporter(details) {
      process.stdout.write(`fuzzer: ${what}: ${details.numRuns} runs, seed ${details.seed}\n`);
      if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
    },
  });
}

function numberIn(variable: string): number | null {
  const text = process.env[variable];
  if (text === undefined || text === "") return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${variable} is no whole number: ${text}`);
  return value;
}
