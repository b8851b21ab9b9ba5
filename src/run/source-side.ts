import { type Config, requireSource } from "../config/config.ts";
import { tableMatcher } from "../config/select-tables.ts";
import { VtpipeError } from "../contracts/errors.ts";
import type { Finding } from "../contracts/finding.ts";
import type { TableSchema } from "../contracts/schema.ts";
import { parseServerUrl, type ServerAddress } from "../mysql/server-url.ts";
import { openSession, type Session } from "../mysql/session.ts";
import { checkConditions } from "../source/check-conditions.ts";
import { type Inspection, inspectDatabase } from "../source/inspect.ts";
import { runPreflight } from "../source/preflight/run-preflight.ts";
import { loadRegistry } from "../transform/registry.ts";
import { decisionFindings } from "./decision-findings.ts";
import { reportFindings } from "./findings.ts";
import { type JobPlan, planJob } from "./plan-job.ts";

/** The source as a job starts with it: its address, a session for questions, and the plan made from what it holds. */
export interface SourceSide extends AsyncDisposable {
  readonly address: ServerAddress;
  readonly control: Session;
  readonly plan: JobPlan;
  readonly findings: readonly Finding[];
}

export function sourceAddress(config: Config): ServerAddress {
  const { url, password, silenceSeconds } = requireSource(config);
  const address = { ...parseServerUrl(url), password, silenceSeconds };
  if (address.scheme === "mysql" && address.database !== "") return address;
  throw new VtpipeError({
    code: "config",
    message:
      address.scheme === "mysql"
        ? "source.url names no database."
        : "source.url is not a mysql:// address but a vtgate's.",
    now: "Nothing was read or changed.",
    todo: "Write source.url as mysql://user@host:3306/database.",
  });
}

/** What the source holds, and its selected tables; with what stands against reading them. */
export interface InspectedSource extends AsyncDisposable {
  readonly address: ServerAddress;
  readonly control: Session;
  readonly inspection: Inspection;
  readonly tables: readonly TableSchema[];
  readonly findings: readonly Finding[];
}

/** Connects and looks; refuses an account that sees only half of what is there. Reads nothing but metadata. */
export async function inspectSource(config: Config): Promise<InspectedSource> {
  const address = sourceAddress(config);
  const control = await openSession(address, { purpose: "control" });
  try {
    const { database } = address;
    const isWanted = tableMatcher(config.tables);
    const inspection = await inspectDatabase(control, database, ({ name }) => isWanted(name));
    const tables = inspection.tables.filter(({ name }) => isWanted(name));
    const findings = await runPreflight({ session: control, database, tables });
    refuseUnreadable(findings);
    return { address, control, inspection, tables, findings, [Symbol.asyncDispose]: () => control.close() };
  } catch (error) {
    control.destroy();
    throw error;
  }
}

/** Connects, inspects, plans and checks the source. Reads nothing but metadata; changes nothing. */
export async function openSourceSide(config: Config): Promise<SourceSide> {
  const { address, control, inspection, findings } = await inspectSource(config);
  try {
    const steps = Object.values(config.tables.rules).flatMap((rule) => rule.transforms);
    const registry = await loadRegistry(steps, config.baseDirectory);
    const plan = planJob(config, address.database, inspection, registry);
    await checkConditions(
      control,
      plan.tables.map(({ source, chain }) => ({ ...source, computed: chain.computed })),
    );
    const all = [...findings, ...decisionFindings(config, plan)];
    return { address, control, plan, findings: all, [Symbol.asyncDispose]: () => control.close() };
  } catch (error) {
    control.destroy();
    throw error;
  }
}

/** What an account may not read it sees half of, so it is told what it lacks before anything is made of the half. */
function refuseUnreadable(findings: readonly Finding[]): void {
  reportFindings(
    findings.filter(({ code }) => code === "missing-grant"),
    () => {},
  );
}
