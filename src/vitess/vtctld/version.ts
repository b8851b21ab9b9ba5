import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { Finding } from "../../contracts/finding.ts";
import type { VtctldMessage } from "./field.ts";

/** Vitess's major version everything was tried with, and the oldest one whose calls mean what they are used for here. */
const TRIED = 24;
const OLDEST = 22;
const ANSWER_TIMEOUT_MS = 5_000;
/** The variables come in the order of their names, and those of statements and tables, later ones, may be many MiB. */
const MOST_BYTES = 1024 * 1024;

/**
 * The version a tablet says it runs, e.g. `24.0.0-SNAPSHOT`, from the variables on its web port; null when it cannot be
 * asked. vtctld's GetVersion tells who built the tablet and when, but no version.
 */
export async function readTabletVersion(
  tablet: Pick<VtctldMessage<"Tablet">, "hostname" | "portMap">,
  signal?: AbortSignal,
): Promise<string | null> {
  const port = tablet.portMap["vt"];
  if (port === undefined) return null;
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    const host = tablet.hostname.includes(":") ? `[${tablet.hostname}]` : tablet.hostname;
    const until = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    return await versionAt(`http://${host}:${port}/debug/vars`, until);
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}

/** Reads no further than to the version, on a connection of its own that ends with it. */
async function versionAt(url: string, signal: AbortSignal): Promise<string | null> {
  const request = get(url, { agent: false, signal });
  try {
    const [response]: IncomingMessage[] = await once(request, "response");
    let text = "";
    for await (const part of response?.setEncoding("utf8") ?? []) {
      text += part;
      const version = /"BuildVersion": *"([^"]+)"/.exec(text)?.[1];
      if (version !== undefined || text.length > MOST_BYTES) return version ?? null;
    }
    return null;
  } finally {
    // What becomes of the rest of the answer is nobody's concern.
    request.on("error", () => {}).destroy();
  }
}

/** The major version: 24 of `24.0.0-SNAPSHOT`; null of a text that does not begin with a version. */
export function majorOf(version: string | null): number | null {
  const major = /^v?(\d{1,4})\.\d+/.exec(version ?? "")?.[1];
  return major === undefined ? null : Number(major);
}

/** Is it this version or a later one? One that is not known counts as late enough: {@link versionFindings} warns of it. */
export function atLeast(version: string | null, major: number): boolean {
  return (majorOf(version) ?? major) >= major;
}

/** Pure: what is to be said of the versions of some servers of a cluster, by a name for each; once per version. */
export function versionFindings(versions: Readonly<Record<string, string | null>>): Finding[] {
  return [...new Set(Object.values(versions))].flatMap((version) => {
    const servers = someOf(Object.keys(versions).filter((name) => versions[name] === version));
    const major = majorOf(version);
    if (major === null) return [warning(`no version of Vitess is told by ${servers}`)];
    if (major < OLDEST) return [tooOld(servers, version ?? "")];
    return major === TRIED ? [] : [warning(`Vitess ${version} runs ${servers}`)];
  });
}

const mostNamed = 3;

function someOf(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return names.slice(0, mostNamed).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function tooOld(servers: string, version: string): Finding {
  return {
    severity: "refusal",
    code: "vitess-version",
    text: `Vitess ${version} runs ${servers}; the handoff's calls mean something else before version ${OLDEST}.`,
    todo: `Upgrade the cluster to version ${OLDEST} or later, or carry the tables on with \`vtpipe follow\`.`,
  };
}

function warning(what: string): Finding {
  return {
    severity: "warning",
    code: "vitess-version",
    text: `The handoff was tried with Vitess ${TRIED} only, and ${what}.`,
    todo: "Try the whole migration on a copy of the cluster first.",
  };
}
