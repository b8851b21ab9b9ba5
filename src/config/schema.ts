import { availableParallelism } from "node:os";
import * as z from "zod";
import { type CheckedEncryption, encryptionSchema } from "./encryption-schema.ts";
import { type CheckedHandoff, handoffSchema } from "./handoff-schema.ts";
import { type CheckedLimits, limitsSchema } from "./limits-schema.ts";
import { defaultEntry, defaultSensitive } from "./sensitive.ts";
import { byteSize } from "./sizes.ts";

/**
 * The config file's one schema. Types are checked against {@link CheckedConfig} by the compiler, defaults and
 * messages come from here, and `reference.ts` prints the README's reference from it. Facts beside zod's own ride
 * in `meta`: `expected` is how messages call the right value, `secret` hides a value everywhere, `byDefault` is
 * the reference's text for a default that depends on the machine.
 */

/**
 * A worker is a thread that reads, transforms and compresses, so more of them than cores only queue; and each takes
 * one source connection and about 100 MB at the default chunk size, so more than 4 are asked for, not assumed:
 * 4 stay below the promised 512 MB.
 */
export function defaultWorkers(): number {
  return Math.min(4, availableParallelism());
}

/**
 * 32 MiB of rows make a file of 5–15 MB: a resume repeats at most that per worker, a 100 GB table makes about
 * 3000 files, and opening a range (one index dive) costs nothing beside reading it. Revise when a measured
 * dump of small chunks is as fast.
 */
const defaultChunkBytes = 32 * 1024 * 1024;

const text = (description: string, expected = "a text that is not empty") =>
  z.string().min(1).meta({ description, expected });
const secret = (description: string) => z.string().min(1).meta({ description, expected: "a text", secret: true });
const url = (description: string, scheme: string, example: string) =>
  z
    .string()
    .regex(new RegExp(`^${scheme}://[^/]+/.+|^${scheme}://.*[?&]socket=`))
    .meta({ description, expected: `a URL like ${example}` });
const yesNo = (description: string) => z.boolean().meta({ description, expected: "true or false" });
const count = (description: string, min: number, max: number) =>
  // A number that came out of ${VARIABLE} is a text of digits.
  z.preprocess(
    (value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value),
    z
      .int()
      .min(min)
      .max(max)
      .meta({ description, expected: `a whole number from ${min} to ${max}` }),
  );
const bytes = (description: string, min: string, max: string, example: string) =>
  z.preprocess(
    byteSize,
    z
      .int()
      .min(byteSize(min) as number)
      .max(byteSize(max) as number)
      .meta({ description, expected: `a size from ${min} to ${max}, like ${example}` }),
  );
const globs = (description: string) =>
  z.array(z.string().min(1)).meta({ description, expected: 'a list of table names or globs, like ["*"]' });

const source = z
  .strictObject({
    url: url("Where the data comes from.", "mysql", "mysql://reader@127.0.0.1:3306/commerce"),
    password: secret("Password of the source login; best from an environment variable.").optional(),
    passwordFile: text("File with that password on its only line, instead of `password`.", "a file name").optional(),
    lockTimeoutSeconds: count(
      "How long the snapshot may wait for, and hold, its lock before it gives up.",
      1,
      300,
    ).default(5),
    silenceSeconds: count(
      "How long the source may send nothing of an answer before it is asked, over a second connection, whether it is at work on it. When it twice is not, the connection counts as lost.",
      1,
      3600,
    ).default(60),
  })
  .meta({ description: "The MySQL server to read.", expected: "a section with url" });

const target = z
  .strictObject({
    url: url(
      "Where the rows go: vtgate's MySQL port and the keyspace.",
      "vtgate",
      "vtgate://loader@127.0.0.1:15306/main",
    ),
    password: secret("Password of the target login.").optional(),
    passwordFile: text("File with that password on its only line, instead of `password`.", "a file name").optional(),
    vtctld: z
      .string()
      .regex(/^\S+:\d+$/)
      .meta({ description: "vtctld's gRPC address; only the handoff needs it.", expected: "host:port" })
      .optional(),
    silenceSeconds: count(
      "How long vtgate may send nothing of an answer before the connection counts as lost. For statements that vttablet lets run on, checksums and building keys, the shard is asked first whether it is at work.",
      1,
      3600,
    ).default(120),
  })
  .meta({ description: "The Vitess keyspace to fill.", expected: "a section with url" });

const step = z
  .record(z.string(), z.unknown())
  .meta({ expected: "a transform with its parameters, like `drop: { columns: [password] }`" });

const rule = z
  .strictObject({
    as: text("Name of the table on the target. Default: the same.").optional(),
    where: text("SQL condition on source columns; other rows do not move.", "a SQL condition").optional(),
    transforms: z
      .array(step)
      .meta({ description: "Transforms, applied in order.", expected: "a list of transforms" })
      .default([]),
  })
  .meta({ expected: "a section with as, where or transforms" });

const tables = z
  .strictObject({
    include: globs("Tables to move: names or globs (`*` any text, `?` one character).").default(["*"]),
    exclude: globs("Tables not to move; wins over `include`.").default([]),
    rules: z
      .record(z.string(), rule)
      .meta({
        description: "What to do with single tables, by source table name.",
        expected: "a section of table names",
      })
      .default({}),
  })
  .meta({ description: "Which tables move, and how.", expected: "a section" });

const schema = z
  .strictObject({
    autoIncrement: z
      .enum(["keep", "remove"])
      .meta({
        description:
          "AUTO_INCREMENT in the target's tables. In a sharded keyspace each shard would count for itself; Vitess sequences take its place.",
        expected: "keep or remove",
      })
      .default("remove"),
    foreignKeys: z
      .enum(["drop", "keep"])
      .meta({
        description: "Foreign keys in the target's tables. Rows of one key may live on different shards.",
        expected: "drop or keep",
      })
      .default("drop"),
  })
  .meta({ description: "What `schema print` and `schema apply` make of the source's tables.", expected: "a section" });

const load = z
  .strictObject({
    strategy: z
      .enum(["auto", "values", "json-table"])
      .meta({
        description: "Form of the statements that insert rows; `auto` measures both on the first rows.",
        expected: "auto, values or json-table",
      })
      .default("auto"),
    deferSecondaryKeys: z
      .enum(["auto", "always", "never"])
      .meta({
        description:
          "Build secondary keys that are not unique after a table's rows, in one ALTER TABLE per shard, instead of growing them row by row; `auto` does it for tables of 32 MiB and more.",
        expected: "auto, always or never",
      })
      .default("auto"),
    sessions: count(
      "Most sessions to each shard, shared out among the workers, of which each has at least one. Loading begins with at most two a worker and goes by what the shard takes. Default: ten in all.",
      1,
      1000,
    ).optional(),
    statementRows: z
      .strictObject({
        min: count("Fewest rows of a statement, as far as there are so many.", 1, 10_000).default(100),
        max: count(
          "Most rows of a statement. Loading begins with 1000 and goes by what the target takes; `min` and `max` alike leave no choice.",
          1,
          10_000,
        ).default(4000),
      })
      .meta({ description: "Between what the rows of a statement may move.", expected: "a section with min and max" })
      .prefault({}),
    statementBytes: z
      .strictObject({
        min: bytes("Fewest row bytes of a statement that is not full of rows.", "1 KiB", "8 MiB", "64 KiB")
          .default(64 * 1024)
          .meta({ byDefault: "64 KiB" }),
        max: bytes(
          "Most row bytes of a statement; a larger row goes alone. Loading begins with 1 MiB and goes by what the target takes. A worker has no more than 12 MiB in statements, so the more of them are in flight, the smaller they are.",
          "1 KiB",
          "8 MiB",
          "4 MiB",
        )
          .default(4 * 1024 * 1024)
          .meta({ byDefault: "4 MiB" }),
      })
      .meta({ description: "Between what the bytes of a statement may move.", expected: "a section with min and max" })
      .prefault({}),
  })
  .meta({ description: "How rows are sent to the target.", expected: "a section" });

const policy = z
  .strictObject({
    require: z
      .enum(["none", "all"])
      .meta({
        description:
          "`all`: nothing is read while any column of a table that moves lacks a decision, that is a step that writes, drops or keeps it.",
        expected: "none or all",
      })
      .default("none"),
  })
  .meta({ description: "What the config has to decide before rows may move.", expected: "a section" });

const sensitive = z
  .array(z.string().min(1))
  .meta({
    description: `Names of columns that are warned of when they pass as they are: words, or globs of one word; \`${defaultEntry}\` stands for ${defaultSensitive.join(", ")}.`,
    expected: `a list of words or globs, like [${defaultEntry}, member_number]`,
  })
  .default([defaultEntry]);

/** What a config file says once it is checked and its defaults are filled in. */
export interface CheckedConfig {
  version: 1;
  source?:
    | {
        url: string;
        password?: string | undefined;
        passwordFile?: string | undefined;
        lockTimeoutSeconds: number;
        silenceSeconds: number;
      }
    | undefined;
  target?:
    | {
        url: string;
        password?: string | undefined;
        passwordFile?: string | undefined;
        vtctld?: string | undefined;
        silenceSeconds: number;
      }
    | undefined;
  directory: string;
  workers: number;
  chunkBytes: number;
  keepFiles: boolean;
  verify: boolean;
  transformTimeoutSeconds: number;
  stallSeconds: number;
  tables: {
    include: string[];
    exclude: string[];
    rules: Record<
      string,
      { as?: string | undefined; where?: string | undefined; transforms: Record<string, unknown>[] }
    >;
  };
  schema: { autoIncrement: "keep" | "remove"; foreignKeys: "keep" | "drop" };
  load: {
    strategy: "auto" | "values" | "json-table";
    deferSecondaryKeys: "auto" | "always" | "never";
    sessions?: number | undefined;
    statementRows: { min: number; max: number };
    statementBytes: { min: number; max: number };
  };
  limits: CheckedLimits;
  policy: { require: "none" | "all" };
  sensitive: string[];
  encryption?: CheckedEncryption | undefined;
  handoff?: CheckedHandoff | undefined;
}

export const configSchema: z.ZodType<CheckedConfig> = z.strictObject({
  version: z.literal(1).meta({ description: "Version of this file's format.", expected: "1" }),
  source: source.optional(),
  target: target.optional(),
  directory: text("The run directory: chunk files, manifest and ledger.").default("./vtpipe-run"),
  workers: count("Worker threads; each has its own connections.", 1, 64)
    .default(defaultWorkers)
    .meta({ byDefault: "the cores, at most 4" }),
  chunkBytes: bytes(
    "Row bytes per chunk file, before compression. Chunks of a table that is read slowly are smaller: none should take longer than 30 s.",
    "64 KiB",
    "1 GiB",
    "32 MiB",
  )
    .default(defaultChunkBytes)
    .meta({ byDefault: "32 MiB" }),
  keepFiles: yesNo("Keep chunk files after they were loaded.").default(true),
  verify: yesNo("`run` ends with a comparison of every chunk with the target.").default(true),
  transformTimeoutSeconds: count(
    "How long transforms may be at work on one row; a worker that stays on a row for longer is stopped, and the run with it.",
    1,
    3600,
  ).default(60),
  stallSeconds: count(
    "How long reading or loading a chunk may stand still, limits and locks aside, before the run is ended; after a tenth of it a warning names the stage. Below 300 it may cut short what a load does to outlast a restart of the target.",
    10,
    86_400,
  ).default(600),
  tables: tables.prefault({}),
  schema: schema.prefault({}),
  load: load.prefault({}),
  limits: limitsSchema.prefault({}),
  policy: policy.prefault({}),
  sensitive,
  encryption: encryptionSchema.optional(),
  handoff: handoffSchema.optional(),
});
