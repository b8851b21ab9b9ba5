import { open } from "node:fs/promises";
import { VtpipeError } from "../contracts/errors.ts";
import type { Config } from "./config.ts";

/** Longer than any server takes; what is larger is some other file. */
const mostBytes = 4096;

/** The config with the passwords that its files hold, and a warning for each file that others may read. */
export async function withPasswordFiles(config: Config): Promise<Config> {
  const warnings = [...config.warnings];
  async function filled<T extends { readonly passwordFile: string | null }>(section: T, of: string): Promise<T> {
    if (section.passwordFile === null) return section;
    const { password, shared } = await readPasswordFile(section.passwordFile, of);
    if (shared) {
      warnings.push(`Other users may read ${section.passwordFile}, which holds ${of}; chmod 600 keeps them out.`);
    }
    return { ...section, password };
  }
  const source = config.source && (await filled(config.source, "the source password"));
  const target = config.target && (await filled(config.target, "the target password"));
  const login = config.handoff?.login && (await filled(config.handoff.login, "the password for vtctld"));
  const handoff = config.handoff && { ...config.handoff, login: login ?? null };
  return { ...config, source, target, handoff, warnings };
}

/** `shared`: others may read or change it. */
async function readPasswordFile(path: string, of: string): Promise<{ password: string; shared: boolean }> {
  const bytes = Buffer.alloc(mostBytes + 1);
  let length = 0;
  let mode = 0;
  try {
    await using file = await open(path);
    const stats = await file.stat();
    // A pipe, as `<(…)` of a shell makes one, is nobody else's.
    mode = stats.isFile() && process.platform !== "win32" ? stats.mode : 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === bytes.length) break;
    }
  } catch (cause) {
    throw unusable(path, of, `cannot be read: ${(cause as Error).message}`, cause);
  }
  const password = bytes.toString("utf8", 0, length).replace(/\r?\n$/, "");
  if (length > mostBytes) throw unusable(path, of, `is larger than ${mostBytes} bytes.`);
  if (password === "") throw unusable(path, of, "is empty.");
  if (/[\r\n\0]/.test(password)) throw unusable(path, of, "has more than one line.");
  return { password, shared: (mode & 0o077) !== 0 };
}

function unusable(path: string, of: string, why: string, cause?: unknown): VtpipeError {
  return new VtpipeError({
    code: "config",
    message: `The file with ${of}, ${path}, ${why}`,
    now: "Nothing was read or changed.",
    todo: "Put the password, and nothing else, on the first line of a file that you can read.",
    cause,
  });
}
