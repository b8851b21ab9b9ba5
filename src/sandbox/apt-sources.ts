import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One archive an apt source names. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** Sources in the one-line form (sources.list(5)): `deb [options] uri suite [component…]`. */
export function parseOneLineSources(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
    if (match === null) continue;
    const [, uri = "", suite = "", components = ""] = match;
    sources.push({ uri, suites: [suite], components: words(components) });
  }
  return sources;
}

/** Sources in the deb822 form: stanzas of fields, values going on over indented lines. */
export function parseDeb822Sources(text: string): AptSource[] {
  return text
    .split(/\n[ \t]*(?:\n[ \t]*)+/)
    .map(stanzaFields)
    .filter((fields) => words(fields.get("types")).includes("deb") && fields.get("enabled")?.trim() !== "no")
    .flatMap((fields) =>
      words(fields.get("uris")).map((uri) => ({
        uri,
        suites: words(fields.get("suites")),
        components: words(fields.get("components")),
      })),
    );
}

function stanzaFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = "";
  for (const line of stanza.split("\n")) {
    if (line.startsWith("#")) continue;
    const match = /^([A-Za-z][A-Za-z0-9-]*):(.*)$/.exec(line);
    if (match !== null) {
      name = (match[1] as string).toLowerCase();
      fields.set(name, match[2] as string);
    } else if (name !== "" && /^[ \t]/.test(line)) {
      fields.set(name, `${fields.get(name) ?? ""} ${line}`);
    }
  }
  return fields;
}

function words(text: string | undefined): string[] {
  return (text ?? "").trim().split(/\s+/).filter(Boolean);
}

const debianSuites = new Set(["bullseye", "bookworm", "trixie", "forky", "sid", "stable", "testing", "unstable"]);

/**
 * The mirror of the Debian archive this machine uses: the first source with a release of Debian itself in it.
 * Security and other archives carry suites of other names, and packages of other makers other components.
 */
export function debianMirror(sources: readonly AptSource[]): string | null {
  const found = sources.find(
    (source) =>
      source.components.includes("main") &&
      source.suites.some((suite) => debianSuites.has(suite)) &&
      !/security|archive\.debian\.org/.test(source.uri),
  );
  return found?.uri.replace(/\/+$/, "") ?? null;
}

/** Every source the machine's apt knows, in apt's own order of files. */
export async function readAptSources(etcApt: string): Promise<AptSource[]> {
  const sources = parseOneLineSources(await textOf(join(etcApt, "sources.list")));
  const parts = join(etcApt, "sources.list.d");
  const files = await readdir(parts).catch(() => [] as string[]);
  for (const file of files.sort()) {
    const text = file.endsWith(".list") || file.endsWith(".sources") ? await textOf(join(parts, file)) : "";
    sources.push(...(file.endsWith(".list") ? parseOneLineSources(text) : parseDeb822Sources(text)));
  }
  return sources;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}
