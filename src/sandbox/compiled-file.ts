import { existsSync } from "node:fs";
import { join } from "node:path";
import { VtpipeError } from "../contracts/errors.ts";

/**
 * The compiled form of a file of this folder, to be run as a process of its own: Node 20 runs no TypeScript. When we
 * ourselves run from source, as in tests, it is where the build puts it.
 */
export function compiledFile(name: string): string {
  const fromSource = import.meta.filename.endsWith(".ts");
  const folder = fromSource ? join(import.meta.dirname, "../../dist/src/sandbox") : import.meta.dirname;
  const file = join(folder, name);
  if (existsSync(file)) return file;
  throw new VtpipeError({
    code: "internal",
    message: `${file} is missing: the project is not built.`,
    now: "Nothing was started.",
    todo: "Run `npm run build`.",
  });
}
