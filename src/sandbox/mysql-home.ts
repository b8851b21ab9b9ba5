import { execFile } from "node:child_process";
import { access, constants, readdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { VtpipeError } from "../contracts/errors.ts";
import type { EventSink } from "../contracts/events.ts";
import { debianMysql } from "./debian-mysql.ts";
import { cacheDirectory } from "./folders.ts";

/** A MySQL server program and how to run it. */
export interface MysqlHome {
  /** e.g. "9.7.4" */
  readonly version: string;
  /** Where it comes from, for people. */
  readonly origin: string;
  /** Program and the arguments every start of it needs, `--no-defaults` first among mysqld's own. */
  readonly mysqld: readonly string[];
}

const run = promisify(execFile);

/** A mysqld: the one VTPIPE_MYSQLD names, else one on PATH, else Debian's, unpacked into the cache folder. */
export async function findMysqlHome(onEvent: EventSink, env: NodeJS.ProcessEnv = process.env): Promise<MysqlHome> {
  const named = env["VTPIPE_MYSQLD"];
  if (named) return namedHome(named);
  for (const folder of [...(env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"]) {
    const home = folder === "" ? null : await homeAt(join(folder, "mysqld"));
    if (home !== null) return home;
  }
  return unpackedHome(await debianMysql(join(cacheDirectory(env), "mysql-debian"), onEvent));
}

/**
 * Version of an Oracle MySQL server of 8.0 or newer from what `mysqld --version` prints; null for anything else,
 * MariaDB and Percona's 5.x included.
 */
export function usableVersion(text: string): string | null {
  const match = /\bVer (\d+)\.(\d+)\.(\d+)/.exec(text);
  if (match === null || /mariadb/i.test(text) || Number(match[1]) < 8) return null;
  return `${match[1]}.${match[2]}.${match[3]}`;
}

async function namedHome(path: string): Promise<MysqlHome> {
  const home = await homeAt(path);
  if (home !== null) return { ...home, origin: `${path} (VTPIPE_MYSQLD)` };
  throw new VtpipeError({
    code: "config",
    message: `VTPIPE_MYSQLD names ${path}, which is not a MySQL server of version 8.0 or newer.`,
    now: "Nothing was started.",
    todo: "Name the mysqld program of Oracle MySQL 8.0 or newer (not MariaDB), or unset VTPIPE_MYSQLD.",
  });
}

async function homeAt(path: string): Promise<MysqlHome | null> {
  try {
    await access(path, constants.X_OK);
    const version = usableVersion((await run(path, ["--no-defaults", "--version"])).stdout);
    return version === null ? null : { version, origin: path, mysqld: [path, "--no-defaults"] };
  } catch {
    return null;
  }
}

/** Programs of another Debian release run through that release's own loader and libraries. */
async function unpackedHome(root: string): Promise<MysqlHome> {
  const usr = join(root, "usr");
  const loader = await loaderBelow(join(usr, "lib"));
  const libraries = [dirname(loader), join(usr, "lib/mysql/private")].join(":");
  const share = join(usr, "share/mysql");
  const program = [loader, "--library-path", libraries, join(usr, "sbin/mysqld"), "--no-defaults"];
  const version = usableVersion((await run(loader, [...program.slice(1), "--version"])).stdout);
  if (version === null) {
    throw new VtpipeError({
      code: "internal",
      message: `The unpacked mysqld in ${root} is not a MySQL server of 8.0 or newer.`,
      now: "Nothing was started.",
      todo: `Remove ${root} and try again, or name a mysqld in VTPIPE_MYSQLD.`,
    });
  }
  return {
    version,
    origin: `Debian packages in ${root}`,
    mysqld: [
      ...program,
      `--basedir=${usr}`,
      `--lc-messages-dir=${share}`,
      `--character-sets-dir=${join(share, "charsets")}`,
      `--plugin-dir=${join(usr, "lib/mysql/plugin")}`,
    ],
  };
}

async function loaderBelow(lib: string): Promise<string> {
  for (const triplet of await readdir(lib)) {
    if (!/-linux-gnu/.test(triplet)) continue;
    const loader = (await readdir(join(lib, triplet))).find((file) => /^ld-linux-.*\.so\.\d+$/.test(file));
    if (loader !== undefined) return join(lib, triplet, loader);
  }
  throw new Error(`no loader below ${lib}`);
}
