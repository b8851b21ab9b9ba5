import type { Config } from "../../config/config.ts";
import type { ServerAddress } from "../../mysql/server-url.ts";
import { openSession } from "../../mysql/session.ts";
import type { TargetSide } from "../target-side.ts";
import type { LimitedSource, LimitedTarget } from "./ask-servers.ts";

/** A call that takes longer says nothing about now. */
const CALL_TIMEOUT_MS = 10_000;

export function limitedSource(address: ServerAddress, held: Omit<LimitedSource, "open">): LimitedSource {
  return { ...held, open: (signal) => openSession(address, { purpose: "control", signal }) };
}

/** vtctld is asked where the config names one, with the handoff's login and certificates. */
export function limitedTarget({ target, handoff }: Config, { address, topology }: TargetSide): LimitedTarget {
  const vtctld = target?.vtctld ?? null;
  const open = async () => {
    const { openVtctld } = await import("../../vitess/vtctld/client.ts");
    const server = { address: vtctld ?? "", tls: handoff?.tls ?? null, login: handoff?.login ?? null };
    return openVtctld(server, { timeoutMs: CALL_TIMEOUT_MS });
  };
  return {
    keyspace: topology.keyspace,
    open: (signal) => openSession(address, { purpose: "target", signal }),
    openVtctld: vtctld === null ? null : open,
  };
}
