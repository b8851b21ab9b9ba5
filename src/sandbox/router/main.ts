import { readConfigFile } from "./config.ts";
import { startRouter } from "./router.ts";

/**
 * The router as a process of its own: `node main.js config.json`. Prints one JSON line `{"ready":true,"port":…}` when it
 * serves, reads its file again on SIGHUP, ends on SIGTERM or SIGINT.
 */
const path = process.argv[2];
if (path === undefined) {
  process.stderr.write("usage: main.js config.json\n");
  process.exit(2);
}

try {
  const router = await startRouter(await readConfigFile(path));
  process.on("SIGHUP", () => {
    readConfigFile(path)
      .then((config) => router.reload(config))
      .catch((error: unknown) => process.stderr.write(`not reloaded: ${String(error)}\n`));
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      router.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
  process.stdout.write(`${JSON.stringify({ ready: true, port: router.port, pid: process.pid })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
