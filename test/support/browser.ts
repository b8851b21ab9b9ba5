import { execFile } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const names = ["chromium", "chromium-browser", "google-chrome"];

/** Why tests with a browser are skipped where there is none. */
export const noBrowser = `no ${names.join(", ")} on PATH and no VTPIPE_CHROMIUM: the page is not opened in a browser`;

/** A Chromium: the one that `VTPIPE_CHROMIUM` names, or one on the PATH; null where there is none. */
export function findBrowser(): string | null {
  const named = process.env["VTPIPE_CHROMIUM"];
  if (named !== undefined && named !== "") return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const run = promisify(execFile);
const quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const offline = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Opens a page with a profile of its own: what became of it, and what the console said. */
export async function openInBrowser(program: string, page: string): Promise<{ dom: string; complaints: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "vtpipe-browser-"));
  try {
    const file = join(folder, "page.html");
    writeFileSync(file, page);
    const own = [`--user-data-dir=${join(folder, "profile")}`, "--enable-logging=stderr"];
    const wanted = ["--virtual-time-budget=2000", "--dump-dom", pathToFileURL(file).href];
    const { stdout, stderr } = await run(program, [...quiet, ...offline, ...own, ...wanted], {
      timeout: 100_000,
      maxBuffer: 64 << 20,
    });
    return { dom: stdout, complaints: stderr.split("\n").filter((line) => line.includes("CONSOLE")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
