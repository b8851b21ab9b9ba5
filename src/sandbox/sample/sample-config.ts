import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { VtpipeError } from "../../contracts/errors.ts";
import type { SandboxState } from "../state-file.ts";
import { sampleVschema } from "./target-vschema.ts";

export interface SampleConfig {
  /** vtpipe.yaml */
  readonly yaml: string;
  /** my-transform.ts, which the YAML names */
  readonly transform: string;
  /** What the YAML takes from the environment: passwords and a salt. */
  readonly env: Readonly<Record<string, string>>;
}

/** How the config file refers to an environment variable. */
const fromEnvironment = (name: string): string => `\${${name}}`;

export interface SampleConfigOptions {
  /** Takes the chunk files. */
  readonly directory?: string;
  /** With a handoff of the shop's tables, where there is a real Vitess to hand over to. */
  readonly handoff?: boolean;
}

/** Tables that the sample's shop writes to; VReplication or `vtpipe follow` carries them on after the copy. */
export const shopTables: readonly string[] = ["orders", "order_lines", "sessions"];

/** The config that moves a sandbox's sample database into its target keyspace. */
export function sampleConfig(
  state: SandboxState,
  { directory = "./runs/first", handoff = false }: SampleConfigOptions = {},
): SampleConfig {
  const { source, target } = state;
  if (target === null) {
    throw new VtpipeError({
      code: "preflight",
      message: `The sandbox in ${state.directory} is not up.`,
      now: "Nothing was changed.",
      todo: "Bring it up with `vtpipe sandbox up --sample`.",
    });
  }
  const config = {
    version: 1,
    source: {
      url: `mysql://${source.reader.user}@${source.host}:${source.port}/${source.database}`,
      password: fromEnvironment("SOURCE_PASSWORD"),
    },
    target: {
      url: `vtgate://${target.user}@${target.host}:${target.port}/${target.keyspace}`,
      password: fromEnvironment("TARGET_PASSWORD"),
      ...(target.vtctld === null ? {} : { vtctld: target.vtctld }),
    },
    directory,
    tables: { include: ["*"], exclude: ["tmp_*"], rules },
    ...(handoff && target.sourceKeyspace !== null
      ? { handoff: { sourceKeyspace: target.sourceKeyspace, follow: onlyCopied } }
      : {}),
  };
  const env = { SOURCE_PASSWORD: source.reader.password, TARGET_PASSWORD: target.password, SALT: "pinch" };
  return { yaml: stringify(config), transform: transformModule, env };
}

/**
 * Eight transforms over four tables, a word on a column that may stay as it is, and a module of the user's own, which
 * makes its table js-only. What the others do has SQL twins; all tables without a rule stay as they are.
 */
const rules = {
  people: {
    as: "persons",
    where: "deleted_at IS NULL",
    transforms: [
      { rename: { column: "ssn", to: "national_id" } },
      { mask: { column: "national_id", keepLast: 4 } },
      { drop: { columns: ["password"] } },
      { hash: { column: "email", salt: fromEnvironment("SALT") } },
      { dateTruncate: { column: "birthday", to: "year" } },
      { set: { column: "tenant_id", type: "int not null", value: 7 } },
      { use: { module: "./my-transform.ts" } },
    ],
  },
  orders: { transforms: [{ mask: { column: "note", keepFirst: 3 }, when: { status: "returned" } }] },
  products: {
    transforms: [
      { sql: { column: "label", type: "varchar(240) not null", expression: "CONCAT(UPPER(`state`), ': ', `title`)" } },
      { map: { column: "state", type: "tinyint not null", values: { draft: 0, live: 1, retired: 2 } } },
    ],
  },
  sessions: { transforms: [{ keep: { columns: ["token"] } }, { dateTruncate: { column: "started", to: "day" } }] },
};

/**
 * The tables nobody writes to. Some of them VReplication could not take: by their `where`, their user's module, or for want
 * of a key.
 */
const onlyCopied = Object.keys(sampleVschema.tables)
  .map((target) => (target === rules.people.as ? "people" : target))
  .filter((name) => !shopTables.includes(name));

const transformModule = `import { defineTransform, z } from "vtpipe";

/** Adds a column with the first letter of each word of the name. */
export default defineTransform({
  name: "initials",
  purpose: "The initials of a person's name, in a column of their own.",
  parameters: z.strictObject({}),
  plan(_parameters, input) {
    const name = input.column("name");
    const initials = input.newColumn("initials", "varchar(20)");
    return {
      columns: [...input.columns, initials],
      writes: [initials.slot],
      rows(row) {
        const bytes = row.get(name.slot);
        const words = bytes === null ? [] : Buffer.from(bytes).toString("utf8").split(/\\s+/).filter(Boolean);
        const letters = words.map((word) => [...word][0]).join("");
        row.set(initials.slot, bytes === null ? null : Buffer.from(letters));
        return true;
      },
    };
  },
});
`;

/** Writes the config, its module and `sandbox.env` (for `set -a; . ./sandbox.env`) into a folder. Returns the config's path. */
export async function writeSampleConfig(
  state: SandboxState,
  folder: string,
  options: SampleConfigOptions = {},
): Promise<string> {
  const { yaml, transform, env } = sampleConfig(state, options);
  const file = join(folder, "vtpipe.yaml");
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`);
  await writeFile(file, yaml, { mode: 0o600 });
  await writeFile(join(folder, "my-transform.ts"), transform, { mode: 0o600 });
  await writeFile(join(folder, "sandbox.env"), lines.join(""), { mode: 0o600 });
  return file;
}
