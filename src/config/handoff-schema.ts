import * as z from "zod";

/** The config's `handoff` section: VReplication's side of a migration. */

const text = (description: string, expected = "a text that is not empty") =>
  z.string().min(1).meta({ description, expected });

const tabletType = z.enum(["primary", "replica", "rdonly"]);

const login = z
  .strictObject({
    user: text("Name that vtctld's static authentication knows."),
    password: z
      .string()
      .min(1)
      .meta({ description: "Its password; best from an environment variable.", expected: "a text", secret: true })
      .optional(),
    passwordFile: text("File with that password on its only line, instead of `password`.", "a file name").optional(),
  })
  .meta({ description: "For a vtctld with static authentication. Default: no login.", expected: "user and password" });

const tls = z
  .strictObject({
    ca: text("File with the certificates that vtctld's own is checked by. Default: the system's.").optional(),
    cert: text("Client certificate file, for mutual TLS.").optional(),
    key: text("The client certificate's key file.").optional(),
    serverName: text("Name in vtctld's certificate, if it is not the host's.").optional(),
  })
  .meta({ description: "TLS to vtctld, with an empty section too. Default: none.", expected: "a section" });

const seconds = (description: string, most: number) =>
  z
    .int()
    .min(1)
    .max(most)
    .meta({ description, expected: `a whole number from 1 to ${most}` });

/** What the section says once it is checked and its defaults are filled in. */
export interface CheckedHandoff {
  sourceKeyspace: string;
  workflow: string;
  cells: string[];
  tabletTypes: ("primary" | "replica" | "rdonly")[];
  follow: string[];
  maxLagSeconds: number;
  switchTimeoutSeconds: number;
  login?: { user: string; password?: string | undefined; passwordFile?: string | undefined } | undefined;
  tls?:
    | { ca?: string | undefined; cert?: string | undefined; key?: string | undefined; serverName?: string | undefined }
    | undefined;
}

export const handoffSchema: z.ZodType<CheckedHandoff> = z
  .strictObject({
    sourceKeyspace: text("Keyspace under which Vitess serves the source, by a tablet in front of it."),
    workflow: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_-]{0,47}$/)
      .meta({
        description: "Name of the workflow in Vitess; that of transformed tables gets `_sql` after it.",
        expected: "a letter, then letters, digits, _ and -, 48 at most",
      })
      .default("vtpipe"),
    cells: z
      .array(z.string().min(1))
      .meta({ description: "Cells to read from. Default: each tablet's own.", expected: "a list of cells" })
      .default([])
      .meta({ byDefault: "each tablet's own" }),
    tabletTypes: z
      .array(tabletType)
      .min(1)
      .meta({ description: "Kinds of tablets to read from, in order.", expected: "a list of primary, replica, rdonly" })
      .default(["replica", "primary"]),
    follow: z
      .array(z.string().min(1))
      .meta({
        description: "Moved tables that VReplication does not take over and `vtpipe follow` carries on.",
        expected: "a list of table names or globs with * and ?",
      })
      .default([]),
    maxLagSeconds: seconds("Streams further behind than this are not switched.", 3600).default(30),
    switchTimeoutSeconds: seconds(
      "How long a switch may wait for the streams to catch up while writes stand still; then it is undone.",
      3600,
    ).default(30),
    login: login.optional(),
    tls: tls.optional(),
  })
  .meta({
    description: "Who takes over after the copy: VReplication, told through target.vtctld.",
    expected: "a section with sourceKeyspace",
  });
