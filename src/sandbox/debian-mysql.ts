import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import { debianMirror, readAptSources } from "./apt-sources.ts";
import { withFileLock } from "./file-lock.ts";

const run = promisify(execFile);

/** sid has the server; forky and trixie are there for what sid is between two versions of. */
const suites = ["sid", "forky", "trixie"];
const packages = ["mysql-server-core", "mysql-client-core", "mysql-client"];
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Downloading 65 MB over a slow line; apt's own time-outs end a dead one sooner. */
const APT_TIMEOUT_MS = 15 * 60_000;
const LOCK_WAIT_SECONDS = 20 * 60;

/**
 * Debian's MySQL packages, unpacked into `directory` without installing anything: apt with a state of its own
 * resolves, downloads and checks them against the archive's signatures. Returns the folder that is their root.
 * Done once; a folder is either whole or not there.
 */
export async function debianMysql(directory: string, onEvent: EventSink): Promise<string> {
  const root = join(directory, "root");
  if (await exists(join(root, "usr/sbin/mysqld"))) return root;
  return withFileLock(`${directory}.lock`, LOCK_WAIT_SECONDS, async () => {
    if (await exists(join(root, "usr/sbin/mysqld"))) return root;
    const mirror = await mirrorOrRefusal();
    await mkdir(dirname(directory), { recursive: true });
    await removeHalfMade(directory);
    const making = await mkdtemp(`${directory}.making-`);
    try {
      await downloadAndUnpack(making, mirror, onEvent);
      await rm(directory, { recursive: true, force: true });
      await rename(making, directory);
    } catch (error) {
      await rm(making, { recursive: true, force: true });
      throw error instanceof VtpipeError ? error : aptFailed(error);
    }
    return root;
  });
}

async function downloadAndUnpack(making: string, mirror: string, onEvent: EventSink): Promise<void> {
  const apt = join(making, "apt");
  const archives = join(apt, "cache/archives");
  await mkdir(join(archives, "partial"), { recursive: true });
  await mkdir(join(apt, "lists/partial"), { recursive: true });
  const sources = suites.map((suite) => `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`).join("");
  await writeFile(join(apt, "sources.list"), sources);
  await writeFile(join(apt, "status"), "");
  await writeFile(join(apt, "apt.conf"), await privateAptConfig(apt));
  const env = { ...process.env, APT_CONFIG: join(apt, "apt.conf"), LC_ALL: "C" };
  const options = { env, timeout: APT_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };

  note(onEvent, `MySQL: reading the package lists of ${suites.join(", ")} from ${mirror}`);
  await run("apt-get", ["update"], options);
  note(onEvent, "MySQL: downloading the server and what it needs, about 65 MB");
  await run("apt-get", ["install", "--download-only", "--no-install-recommends", ...packages], options);

  const debs = (await readdir(archives)).filter((file) => file.endsWith(".deb")).sort();
  note(onEvent, `MySQL: unpacking ${debs.length} packages`);
  const root = join(making, "root");
  await mkdir(root);
  for (const deb of debs) await run("dpkg", ["-x", join(archives, deb), root], options);
  await access(join(root, "usr/sbin/mysqld"));
  await rm(apt, { recursive: true, force: true });
}

/**
 * apt with nothing of this machine but how it reaches archives (proxies, certificates, time-outs): its hooks, pins
 * and sources are about its own packages.
 */
async function privateAptConfig(apt: string): Promise<string> {
  const machine = (await run("apt-config", ["dump", "--no-empty"])).stdout;
  return [
    ...machine.split("\n").filter((line) => line.startsWith("Acquire::") && !line.startsWith("Acquire::Languages")),
    'Dir::Etc::main "/dev/null";',
    'Dir::Etc::parts "/dev/null";',
    `Dir::State "${apt}";`,
    `Dir::State::lists "${apt}/lists";`,
    `Dir::State::status "${apt}/status";`,
    `Dir::Cache "${apt}/cache";`,
    `Dir::Etc::sourcelist "${apt}/sources.list";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferences "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    // Downloading as another user would need a cache folder open to that user.
    'APT::Sandbox::User "";',
    'APT::Get::Assume-Yes "true";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    "",
  ].join("\n");
}

async function mirrorOrRefusal(): Promise<string> {
  const mirror = debianMirror(await readAptSources("/etc/apt"));
  const tools = await Promise.all(
    ["apt-get", "dpkg"].map((tool) => run(tool, ["--version"]).then(Boolean, () => false)),
  );
  if (mirror !== null && tools.every(Boolean) && (await exists(keyring))) return mirror;
  throw new VtpipeError({
    code: "preflight",
    message:
      "There is no MySQL server for the sandbox: none in VTPIPE_MYSQLD, none on PATH, and this is not a Debian machine whose packages could be used.",
    now: "Nothing was started.",
    todo: "Install Oracle MySQL 8.0 or newer (not MariaDB) and name its mysqld in VTPIPE_MYSQLD.",
  });
}

/** What an attempt left behind that was killed. */
async function removeHalfMade(directory: string): Promise<void> {
  const prefix = `${directory}.making-`;
  for (const name of await readdir(dirname(directory))) {
    const path = join(dirname(directory), name);
    if (path.startsWith(prefix)) await rm(path, { recursive: true, force: true });
  }
}

function aptFailed(cause: unknown): VtpipeError {
  const output =
    (cause as { stderr?: string }).stderr?.trim() || (cause instanceof Error ? cause.message : String(cause));
  return new VtpipeError({
    code: "unreachable",
    message: `Debian's MySQL packages could not be had: ${output.slice(-1500)}`,
    now: "Nothing was started; nothing is left of the attempt.",
    todo: "See that `apt-get update` works on this machine, or name a mysqld (Oracle MySQL 8.0 or newer) in VTPIPE_MYSQLD.",
    retryable: true,
    cause,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function note(onEvent: EventSink, text: string): void {
  onEvent({ type: "note", text });
}
