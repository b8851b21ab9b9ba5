import { spawnSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const compiler = join(root, "node_modules/typescript/bin/tsc");

const strict = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true };

/** Where a user's file gets vtpipe's types from: the sources, or the package as it is published. */
export type TypesFrom = "sources" | "package";

/**
 * What the project's compiler says of `files` in a folder, as a user's project would have them: `name(line,column): error …`,
 * one per line, and nothing when they are right.
 */
export async function compile(
  folder: string,
  files: Readonly<Record<string, string>>,
  from: TypesFrom = "sources",
): Promise<string[]> {
  const modules = join(folder, "node_modules");
  await mkdir(modules, { recursive: true });
  const links = { "@types": join(root, "node_modules/@types"), vtpipe: root };
  for (const [name, target] of Object.entries(links)) await symlink(target, join(modules, name)).catch(ignoreExisting);
  const paths = { vtpipe: [join(root, "src/index.ts")], "vtpipe/testing": [join(root, "src/testing/index.ts")] };
  const config = {
    compilerOptions: {
      ...{ module: "NodeNext", target: "ES2023", types: ["node"], noEmit: true, skipLibCheck: true },
      allowImportingTsExtensions: true,
      ...strict,
      ...(from === "sources" ? { paths } : {}),
    },
    files: Object.keys(files),
  };
  const project = { "package.json": JSON.stringify({ type: "module" }), "tsconfig.json": JSON.stringify(config) };
  for (const [name, text] of Object.entries({ ...files, ...project })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  const lines = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("error TS"));
  if ((status === 0) !== (lines.length === 0)) throw new Error(`the compiler ended with ${status}: ${stdout}${stderr}`);
  return lines;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
