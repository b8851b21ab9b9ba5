/** Of one worker, measured on small machines (bench/RESULTS.md): orders of magnitude, not promises. */
export const typicalDumpBytesPerSecond = 60_000_000;
export const typicalLoadBytesPerSecond = 8_000_000;
