import { fileURLToPath } from "node:url";

/** A chain to measure, as the config of the table `person` has it. */
export interface BenchChain {
  readonly name: string;
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  /** Columns of which each value needs an HMAC: what cannot be saved. */
  readonly digests?: readonly string[];
}

const salt = "a salt for the bench";
const module = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** What the aim is about: five steps over three of the twelve columns, no digest among them. */
export const fiveSteps = "five steps on 3 of 12 columns";
export const identityName = "identity";

/** Each built-in by itself, on a column it is made for. Where it works in two ways, the one with more to do comes second. */
const builtIn: readonly (Readonly<Record<string, unknown>> & { readonly digest?: string })[] = [
  { keep: { columns: ["name"] } },
  { rename: { column: "name", to: "full_name" } },
  { drop: { columns: ["token"] } },
  { set: { column: "tenant_id", type: "int not null", value: 7 } },
  { copy: { column: "name", to: "shown_name" } },
  { filter: { where: { state: { not: "closed" } } } },
  { sql: { column: "email", expression: "LOWER(`email`)" } },
  { cast: { column: "balance", type: "decimal(14,4) not null" } },
  { map: { column: "state", values: { new: "new", active: "active", closed: "new" } } },
  { default: { column: "phone", value: "none" } },
  { nullify: { column: "notes" } },
  { redact: { column: "notes" } },
  { mask: { column: "phone", keepLast: 4 } },
  { hash: { column: "email", salt }, digest: "email" },
  { hash: { column: "email", salt, encoding: "bigint" }, digest: "email" },
  ...["email", "name", "phone", "uuid", "ip"].map((kind) => ({
    pseudonym: { column: "email", kind, salt },
    digest: "email",
  })),
  { noise: { column: "balance", amount: 100, salt }, digest: "balance" },
  { template: { column: "name", template: "{name} ({country})" } },
  { prefix: { column: "email", prefix: "x-" } },
  { case: { column: "email", to: "lower" } },
  { case: { column: "name", to: "upper", letters: "all" } },
  { trim: { column: "email" } },
  { substring: { column: "name", length: 3 } },
  { replace: { column: "phone", find: "-", with: "" } },
  { replace: { column: "phone", pattern: "\\d(?=\\d{4})", with: "x" } },
  { charsetRepair: { column: "name" } },
  { enumRepair: { column: "state" } },
  { json: { column: "profile", set: { "$.visits": 0 } } },
  { offset: { column: "id", by: 1_000_000 } },
  { clamp: { column: "balance", min: 0, max: 100_000 } },
  { round: { column: "balance", places: -1 } },
  { zeroDate: { column: "born" } },
  { dateTruncate: { column: "born", to: "year" } },
  { dateShift: { column: "born", days: 30 } },
  { dateShift: { column: "born", within: 90, by: "id", salt }, digest: "id" },
  { timezone: { column: "created_at", from: "+02:00" } },
  { timezone: { column: "created_at", from: "Europe/Paris" } },
];

export const benchChains: readonly BenchChain[] = [
  { name: identityName, steps: [] },
  {
    name: fiveSteps,
    steps: [
      { trim: { column: "email" } },
      { case: { column: "email", to: "lower" } },
      { replace: { column: "phone", find: "-", with: "" } },
      { mask: { column: "phone", keepLast: 4 } },
      { dateTruncate: { column: "born", to: "year" } },
    ],
  },
  {
    name: "five steps, two of them pseudonyms",
    steps: [
      { case: { column: "email", to: "lower" } },
      { pseudonym: { column: "email", kind: "email", salt } },
      { pseudonym: { column: "name", kind: "name", salt } },
      { replace: { column: "phone", find: "-", with: "" } },
      { mask: { column: "phone", keepLast: 4 } },
    ],
    digests: ["email", "name"],
  },
  { name: "user module, cells as bytes", steps: [{ use: { module: module("./user-module.js") } }] },
  { name: "user module, cells as texts", steps: [{ use: { module: module("./user-row-module.js") } }] },
  ...builtIn.map(({ digest, ...step }): BenchChain => {
    return { name: stepName(step), steps: [step], ...(digest === undefined ? {} : { digests: [digest] }) };
  }),
];

/** `hash email bigint`: the transform and what is said of it, columns first, but for salts. */
function stepName(step: Readonly<Record<string, unknown>>): string {
  const [[name, parameters] = ["", {}]] = Object.entries(step) as [string, Record<string, unknown>][];
  const said = Object.entries(parameters).flatMap(([key, value]) => (key === "salt" ? [] : [brief(value)]));
  return [name, ...said].join(" ");
}

function brief(value: unknown): string {
  return typeof value === "object" && value !== null ? Object.keys(value).join(" ") : String(value);
}
