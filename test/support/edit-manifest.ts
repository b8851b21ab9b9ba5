import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "../../src/contracts/manifest.ts";
import { writeManifest } from "../../src/store/manifest-file.ts";

/** A JSON object that tests may change as they like. */
// biome-ignore lint/suspicious/noExplicitAny: what a test makes of it need not be a manifest any more
export type AnyManifest = any;

/** Changes the manifest of a run directory and seals it anew, as somebody would who knows how and means harm. */
export async function editManifest(directory: string, change: (manifest: AnyManifest) => void): Promise<void> {
  const file = join(directory, "manifest.json");
  const { seal: _, ...manifest } = JSON.parse(await readFile(file, "utf8")) as AnyManifest;
  change(manifest);
  await writeManifest(file, manifest as Manifest);
}
