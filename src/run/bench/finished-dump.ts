import type { Config } from "../../config/config.ts";
import { VtpipeError } from "../../contracts/errors.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import { readManifest } from "../../store/manifest-file.ts";
import { openRunDirectory, type RunDirectory } from "../../store/run-directory.ts";
import { chunksByTable } from "../run-state.ts";
import { storeKeyOf } from "../store-key.ts";

/** The files of a finished dump, as a bench takes rows from them: nothing is written there, so no lock is needed. */
export interface FinishedDump {
  readonly directory: RunDirectory;
  readonly manifest: Manifest;
  readonly chunks: ReturnType<typeof chunksByTable>;
}

/** Throws `files` when the dump is not there or not finished, `config` when the config has not its key. */
export async function openFinishedDumpFiles(config: Config, path: string): Promise<FinishedDump> {
  const directory = await openRunDirectory(path);
  const manifest = await readManifest(directory.manifestFile, storeKeyOf(config));
  if (manifest?.complete === true) return { directory, manifest, chunks: chunksByTable(manifest) };
  throw new VtpipeError({
    code: "files",
    message: `The dump in ${directory.path} is not finished.`,
    now: "Nothing was measured or changed.",
    todo: "Give the directory of a finished `vtpipe dump` or `vtpipe run` whose files were kept.",
    context: { directory: directory.path },
  });
}
