import { type ServiceError, status } from "@grpc/grpc-js";
import { type ErrorCode, VtpipeError } from "../../contracts/errors.ts";
import { withoutRowData } from "../../mysql/server-errors.ts";
import { withoutOpenSslPlaces } from "../../mysql/tls-errors.ts";
import type { VtctldMethod } from "./field.ts";
import { calls } from "./messages/calls.ts";

/** What a failed gRPC call carries; grpc-js's errors have this shape. */
export type GrpcFault = Pick<ServiceError, "code" | "details">;

interface Meaning {
  readonly code: ErrorCode;
  readonly todo: string;
  /** Was the call certainly not carried out? */
  readonly refused: boolean;
  readonly retryable: boolean;
}

const LONGEST_DETAILS = 2000;

const wordsSayWhy: Meaning = {
  code: "target",
  todo: "vtctld's own words above say why.",
  refused: false,
  retryable: false,
};

function unavailable(details: string): Meaning {
  const refused = /^(No connection established|Name resolution failed)/.test(details);
  if (refused && /certificate|\bSSL\b|\bTLS|altnames/i.test(details)) {
    return {
      code: "access",
      todo: "Check handoff.tls: ca is what vtctld's certificate is signed by, serverName the name in it, cert and key are for a vtctld that asks for them; a vtctld without TLS needs no section.",
      refused,
      retryable: false,
    };
  }
  return {
    code: "unreachable",
    todo: "Check that vtctld is up, that target.vtctld is its gRPC port (15999 in Vitess's examples), and handoff.tls if it wants TLS.",
    refused,
    retryable: true,
  };
}

function meaningOf(fault: GrpcFault): Meaning {
  switch (fault.code) {
    case status.UNAVAILABLE:
      return unavailable(fault.details);
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return {
        code: "access",
        todo: "Check handoff.login against vtctld's own list of users (its --grpc-auth-static-password-file).",
        refused: true,
        retryable: false,
      };
    case status.UNIMPLEMENTED:
      return {
        code: "preflight",
        todo: "Give vtctld's gRPC port with `grpc-vtctld` in its --service-map; if it is that, this Vitess is too old for the call: use version 22 or later.",
        refused: true,
        retryable: false,
      };
    case status.DEADLINE_EXCEEDED:
      return {
        code: "unreachable",
        todo: "Look at the state it is in before anything else is done; then try again.",
        refused: false,
        retryable: true,
      };
    case status.ABORTED:
    case status.RESOURCE_EXHAUSTED:
      return { ...wordsSayWhy, retryable: true };
    case status.INVALID_ARGUMENT:
    case status.NOT_FOUND:
    case status.ALREADY_EXISTS:
      return { ...wordsSayWhy, refused: true };
    default:
      return wordsSayWhy;
  }
}

/** A failed call as the error to show; `context.grpcCode` is the code's name. */
export function vtctldError(method: VtctldMethod, address: string, fault: GrpcFault): VtpipeError {
  const grpcCode = status[fault.code] ?? `code ${fault.code}`;
  const { code, todo, refused, retryable } = meaningOf(fault);
  const said = readable(withoutRowData(fault.details)).slice(0, LONGEST_DETAILS);
  return new VtpipeError({
    code,
    message: `vtctld at ${address} failed ${method} (${grpcCode}): ${said || "it gave no reason"}`,
    now: outcome(method, refused),
    todo,
    retryable,
    context: { grpcCode, method, address },
  });
}

/** Without what the libraries add for themselves: OpenSSL's places in its source, empty notes, times of attempts. */
function readable(details: string): string {
  return withoutOpenSslPlaces(details)
    .replace(/\s*\(\d{4}-\d\d-\d\dT[\d:.]+Z\)/, "")
    .replace(/\.? Resolution note: *$/, "")
    .trim();
}

function outcome(method: VtctldMethod, refused: boolean): string {
  if (calls[method].effect === "reads") return "The call only reads: nothing was changed by it.";
  return refused
    ? "The call was not carried out."
    : "Whether the call was carried out, wholly or in part, is not known.";
}

/** The caller's signal ended the call. */
export function vtctldInterrupted(method: VtctldMethod, address: string): VtpipeError {
  return new VtpipeError({
    code: "interrupted",
    message: `${method} at vtctld ${address} was interrupted.`,
    now: outcome(method, false),
    todo: "Run the same command again: it looks at the state first.",
    context: { grpcCode: "CANCELLED", method, address },
  });
}
