import { VtpipeError } from "../contracts/errors.ts";
import type { Config } from "./config.ts";

/** A server URL without the password it may carry, and that password, decoded. */
export interface SplitUrl {
  readonly url: string;
  readonly password: string | null;
}

/** `mysql://user:secret@host/db` → `mysql://user@host/db` and `secret`. A URL without one comes back as it is. */
export function splitPassword(url: string): SplitUrl {
  const start = url.indexOf("://") + 3;
  const slash = url.indexOf("/", start);
  const at = url.lastIndexOf("@", slash === -1 ? url.length : slash);
  const colon = url.indexOf(":", start);
  if (at < start || colon === -1 || colon > at) return { url, password: null };
  const password = decoded(url.slice(colon + 1, at));
  return { url: url.slice(0, colon) + url.slice(at), password: password === "" ? null : password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A lone % is part of the password.
  }
}

/** Arguments are there for everybody on the host to read, so a password among them is not taken; `${NAME}` is none. */
export function refusePasswordArgument(side: "source" | "target", url: string | undefined): void {
  const password = url === undefined ? null : splitPassword(url).password;
  if (password === null || /^\$\{\w+\}$/.test(password)) return;
  throw new VtpipeError({
    code: "usage",
    message: `The URL of --${side} holds a password, which the process list shows to everybody on this host and the shell keeps in its history.`,
    now: "Nothing was read or changed. The password has been seen by whoever looked at the process list just now.",
    todo: `Leave it out of the URL and set ${side}.password: "\${${side.toUpperCase()}_PASSWORD}" or ${side}.passwordFile in the config file, or give --ask-passwords.`,
  });
}

/** The config with this password for a side that it names. */
export function withPassword(config: Config, side: "source" | "target", password: string): Config {
  return Object.freeze({ ...config, [side]: Object.freeze({ ...config[side], password }) });
}
