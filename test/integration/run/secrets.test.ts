import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type CliResult, vtpipe } from "../../support/cli.ts";
import { fromEnvironment, type Migration, newMigration, urls } from "./migration.ts";

/**
 * What nobody may see, planted wherever a config takes secrets. Signs that URLs, JSON and SQL write otherwise are in
 * them, and each is long enough to be cut by a server that repeats 80 characters of a statement.
 */
const planted = {
  SOURCE_PASSWORD: `src/"word"'s 100% & more: grain-4711`,
  SALT: "grain-of-salt's \\ 7f3a-and-a-pinch-of-pepper",
  OTHER_SALT: "another/salt+of=some-length 93c1",
  MODULE_KEY: 'module "key" 55e0, which a module tells',
  SQL_KEY: `sql-key-${"0123456789abcdef".repeat(6)}`,
  WRONG: "wrong-password-91/of@somebody",
} as const;
const table = "run_secrets";
const account = "'run_secrets'@'%'";
let migration: Migration;

const steps = [
  { sql: { column: "code", expression: `SHA2(CONCAT(\`code\`, '${fromEnvironment("SQL_KEY")}'), 256)` } },
  { hash: { column: "email", salt: fromEnvironment("SALT") } },
  { pseudonym: { column: "name", kind: "name", salt: fromEnvironment("OTHER_SALT") } },
  { use: { module: "./telling.ts", parameters: { key: fromEnvironment("MODULE_KEY") } } },
];

/** Fails on the row it is told to, and says all that it knows. */
const module = (failing: number): string => `import { defineTransform } from "vtpipe";
import * as z from "zod";
export default defineTransform({
  name: "telling",
  purpose: "Tells its key.",
  parameters: z.strictObject({ key: z.string() }),
  plan({ key }: { key: string }, input: any) {
    const id = input.column("id").slot;
    const rows = (row: any): boolean => {
      if (Buffer.from(row.get(id)).toString() === "${failing}") throw new Error("no luck with " + key);
      return true;
    };
    return { columns: input.columns, writes: [], rows };
  },
});
`;

beforeAll(async () => {
  migration = await newMigration("run_secrets", {
    [table]: {
      source: [
        `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, code CHAR(64), email CHAR(64) CHARACTER SET ascii COLLATE ascii_bin, name VARCHAR(60))`,
        `INSERT INTO ${table} WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 900) SELECT n, n, CONCAT('person', n, '@example.org'), CONCAT('Person ', n) FROM r`,
      ],
    },
  });
  await migration.source.query(`DROP USER IF EXISTS ${account}`);
  await migration.source.query(
    `CREATE USER ${account} IDENTIFIED BY ${migration.source.connection.escape(planted.SOURCE_PASSWORD)}`,
  );
  await migration.source.query(`GRANT ALL ON *.* TO ${account}`);
});
afterAll(async () => {
  await migration?.source.query(`DROP USER IF EXISTS ${account}`);
  await migration?.[Symbol.asyncDispose]();
});

/** The config as it works, with these differences. */
async function configure(
  changes: { source?: object; target?: object; rule?: object; failing?: number } = {},
): Promise<void> {
  const { host, port } = inject("source");
  const source = { url: `mysql://run_secrets@${host}:${port}/run_secrets`, passwordFile: "source.txt" };
  const target = { url: urls("run_secrets").target, password: fromEnvironment("TARGET_PASSWORD") };
  const rule = { transforms: steps, ...changes.rule };
  await writeFile(join(migration.folder, "source.txt"), `${planted.SOURCE_PASSWORD}\n`, { mode: 0o600 });
  await writeFile(join(migration.folder, "telling.ts"), module(changes.failing ?? 0));
  await migration.configure({
    source: changes.source ?? source,
    target: changes.target ?? target,
    tables: { include: [table], rules: { [table]: rule } },
  });
}

/** The first half of each secret, as it is and as texts of other kinds write it: who shows all of it shows that too. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const written = [
    ...[secret, encodeURIComponent(secret), encodeURI(secret), bytes.toString("base64"), bytes.toString("hex")],
    ...[secret.replaceAll("'", "''"), secret.replace(/[\\']/g, "\\$&")],
  ];
  const half = (text: string): string => text.slice(0, Math.ceil(text.length / 2));
  return written.flatMap((text) => [half(text), half(JSON.stringify(text).slice(1, -1))]);
}

const secrets = [...Object.values(planted), inject("source").password, inject("vtgate").password];
const forms = [...new Set(secrets.flatMap(formsOf))];

function expectHidden(text: string, where: string): void {
  expect(
    forms.filter((form) => text.includes(form)),
    where,
  ).toEqual([]);
}

/** Some forty programs, one after the other. */
const longestMs = 400_000;

test(
  "planted secrets are in nothing that any command prints, writes or is called, however it ends",
  async () => {
    const ended: { command: string; result: CliResult }[] = [];
    const titles = new Set<string>();
    /** Runs it for people and for programs; `code` is what it has to end with. */
    async function run(command: string, code: string | null, env: Record<string, string> = {}): Promise<void> {
      for (const json of [true, false]) {
        const words = command.split(" ");
        const first = words.findIndex((word) => /^[-.]/.test(word));
        const [verb, args] = first === -1 ? [command, []] : [words.slice(0, first).join(" "), words.slice(first)];
        let pid = 0;
        const look = async (): Promise<void> => {
          for (const title of await titlesOf(pid)) titles.add(title);
        };
        const result = await migration.run(verb, args, {
          json,
          env: { ...planted, ...env },
          onStart: (started) => {
            pid = started;
          },
          onEvent: () => void look(),
        });
        if (json) expect(result.error?.code ?? null, `${command}: ${result.error?.message}`).toBe(code);
        ended.push({ command: `${command}${json ? " --json" : ""}`, result });
      }
    }

    await configure();
    await run("plan", null);
    await run("schema print", null);
    await run("types", null);
    await run(`transform preview --table ${table}`, null);
    await run("bench source --connections 1 --rounds 1 --seconds 1", null);
    await run("run", null);
    await run("verify", null);
    await run("verify --leaks", null);
    await run("status", null);
    await run("follow --until-caught-up", null);
    await run("follow --finish", null);
    await run("handoff --print-only", "config");
    for (const args of [
      ["status", migration.directory],
      ["inspect", migration.directory],
    ]) {
      ended.push({ command: args.join(" "), result: await vtpipe(args) });
    }
    for (const file of await filesOf(migration.directory)) {
      if (!file.endsWith(".zst")) continue;
      for (const more of [["--header"], ["--rows", "3"]]) {
        ended.push({ command: `inspect ${more}`, result: await vtpipe(["inspect", file, ...more], { json: false }) });
      }
    }

    await expectFilesHidden();

    // Logins that fail, with secrets from each place they may come from.
    const { host, port } = inject("source");
    const encoded = encodeURIComponent(planted.WRONG);
    await configure({ source: { url: `mysql://run_secrets:${encoded}@${host}:${port}/run_secrets` } });
    await run("plan", "access");
    await configure({ source: { url: `mysql://run_secrets@${host}:${port}/run_secrets`, password: planted.WRONG } });
    await run("dump", "access");
    await configure();
    await run("load ./run", "access", { TARGET_PASSWORD: planted.WRONG });
    await run(`plan --source mysql://run_secrets:${encoded}@${host}:${port}/run_secrets`, "usage");
    await run(`plan --source mysql://run_secrets:${encoded}@`, "usage");

    // Statements that fail: a server repeats them from where it lost the thread, 80 characters of them.
    await configure({ rule: { where: `id 'near ${planted.SALT.replaceAll(/[\\']/g, "\\$&")}'` } });
    await run("plan", "config");
    expect(ended.at(-1)?.result.stderr).toContain("'near ");
    const broken = { sql: { column: "code", expression: `CONCAT(\`code\` '${fromEnvironment("SQL_KEY")}')` } };
    await configure({ rule: { transforms: [broken, ...steps.slice(1)] } });
    await run("plan", "config");
    expect(ended.at(-1)?.result.stderr).toMatch(/near '.*\*\*\*/);

    // A module that tells what it knows, in a run that has begun.
    await configure({ failing: 800 });
    await migration.clear();
    await run("run", "transform");
    expect(ended.at(-1)?.result.stderr).toContain("no luck with ***");

    expect(ended.length).toBeGreaterThan(40);
    for (const { command, result } of ended) {
      expectHidden(result.stdout, `standard output of ${command}`);
      expectHidden(result.stderr, `standard error of ${command}`);
    }
    expect([...titles].filter((title) => title.includes("vtpipe")).length).toBeGreaterThan(2);
    expect([...titles].some((title) => title.includes("run"))).toBe(true);
    // What was refused for its argument has shown it until it ended; nothing else shows any.
    for (const title of titles) if (!title.includes("--source")) expectHidden(title, "process title");
    await expectFilesHidden();
  },
  longestMs,
);

async function expectFilesHidden(): Promise<void> {
  const files = await filesOf(migration.directory);
  expect(files.map((file) => basename(file))).toEqual(expect.arrayContaining(["manifest.json", "ledger.jsonl"]));
  for (const file of files) expectHidden((await readFile(file)).toString("latin1"), file);
}

/** What the process list calls a process and its threads, as long as it is there. */
async function titlesOf(pid: number): Promise<string[]> {
  const read = (path: string) => readFile(`/proc/${pid}/${path}`, "utf8").catch(() => "");
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [] as string[]);
  const names = await Promise.all(threads.map((thread) => read(`task/${thread}/comm`)));
  return [await read("cmdline"), ...names].map((title) => title.replaceAll("\0", " ")).filter((title) => title !== "");
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
