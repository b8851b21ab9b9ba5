import { readFile } from "node:fs/promises";
import { type ChannelCredentials, Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { VtpipeError } from "../../contracts/errors.ts";
import { decodeResponse, encodeRequest } from "./codec.ts";
import { type GrpcFault, vtctldError, vtctldInterrupted } from "./errors.ts";
import type { VtctldMethod, VtctldRequest, VtctldResponse } from "./field.ts";

/** TLS to vtctld, whose certificate is always checked. Paths of PEM files. */
export interface VtctldTls {
  /** null: the certificate authorities of Node. */
  readonly ca: string | null;
  /** With `key`, the client's own certificate; null: none. */
  readonly cert: string | null;
  readonly key: string | null;
  /** The name in vtctld's certificate; null: that of the address. */
  readonly serverName: string | null;
}

/** Where a vtctld is and who we are there. */
export interface VtctldServer {
  /** `host:port` of its gRPC port; `[address]:port` for IPv6. */
  readonly address: string;
  /** null: not encrypted. */
  readonly tls?: VtctldTls | null;
  /** For `--grpc-auth-mode=static`; a secret that goes to vtctld and nowhere else. null: none. */
  readonly login?: { readonly user: string; readonly password: string } | null;
}

export interface CallOptions {
  /** After this the call is given up, and its outcome is unknown. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A connection to vtctld. */
export interface Vtctld extends AsyncDisposable {
  readonly address: string;
  /** One call. A failure is a VtpipeError with the gRPC code's name in `context.grpcCode`. */
  call<M extends VtctldMethod>(method: M, request: VtctldRequest<M>, options?: CallOptions): Promise<VtctldResponse<M>>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 60_000;
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/**
 * Connects, and proves by a call that only reads that vtctld is there, takes the login and knows the service.
 * `options.timeoutMs` is for calls that do not say.
 */
export async function openVtctld(server: VtctldServer, options: CallOptions = {}): Promise<Vtctld> {
  const timeoutMs = options.timeoutMs ?? CALL_TIMEOUT_MS;
  const vtctld = await connect(server, timeoutMs);
  try {
    await vtctld.call(
      "GetCellInfoNames",
      {},
      { timeoutMs: Math.min(timeoutMs, CONNECT_TIMEOUT_MS), signal: options.signal },
    );
    return vtctld;
  } catch (error) {
    await vtctld.close();
    throw error;
  }
}

async function connect(server: VtctldServer, timeoutMs: number): Promise<Vtctld> {
  const { address } = server;
  if (!/^(\[[0-9a-f:.]+\]|[^\s:/[\]]+):\d{1,5}$/i.test(address)) {
    throw refusal(`"${address}" is no address of a vtctld.`, "Write it as host:port, with vtctld's gRPC port.");
  }
  const metadata = new Metadata();
  if (server.login) {
    metadata.set("username", server.login.user);
    metadata.set("password", server.login.password);
  }
  const client = new Client(address, await channelCredentials(server.tls ?? null), {
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    // A vtctld that is gone without a word is noticed before a long call's deadline.
    "grpc.keepalive_time_ms": 20_000,
    "grpc.keepalive_timeout_ms": 10_000,
    // The environment's web proxy is not meant for servers that the config names.
    "grpc.enable_http_proxy": 0,
    ...(server.tls?.serverName ? { "grpc.ssl_target_name_override": server.tls.serverName } : {}),
  });

  async function call<M extends VtctldMethod>(
    method: M,
    request: VtctldRequest<M>,
    { timeoutMs: own = timeoutMs, signal }: CallOptions = {},
  ): Promise<VtctldResponse<M>> {
    if (signal?.aborted) throw vtctldInterrupted(method, address);
    if (closed) throw new Error(`${method} was called on a connection that is closed`);
    const { promise, resolve, reject } = settling<VtctldResponse<M>>();
    const path = `/vtctlservice.Vtctld/${method}`;
    const deadline = Date.now() + own;
    // vtctld is told of the deadline too, and may report the call it cut off in a code of its own before we do.
    const late = (fault: GrpcFault): GrpcFault =>
      Date.now() < deadline ? fault : { details: fault.details, code: status.DEADLINE_EXCEEDED };
    const under = client.makeUnaryRequest(
      path,
      (value: VtctldRequest<M>) => encodeRequest(method, value),
      (bytes: Buffer) => decodeResponse(method, bytes),
      request,
      metadata,
      { deadline },
      (fault, response) => {
        if (response !== undefined) resolve(response);
        else if (signal?.aborted) reject(vtctldInterrupted(method, address));
        else reject(vtctldError(method, address, late(fault as GrpcFault)));
      },
    );
    const cancel = (): void => under.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    return promise.finally(() => signal?.removeEventListener("abort", cancel));
  }

  let closed = false;
  const close = async (): Promise<void> => {
    closed = true;
    client.close();
  };
  return { address, call, close, [Symbol.asyncDispose]: close };
}

function settling<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

async function channelCredentials(tls: VtctldTls | null): Promise<ChannelCredentials> {
  if (tls === null) return credentials.createInsecure();
  if ((tls.cert === null) !== (tls.key === null)) {
    throw refusal("A client certificate for vtctld needs its key, and a key its certificate.", "Give both or none.");
  }
  const [ca, cert, key] = await Promise.all([pem(tls.ca), pem(tls.cert), pem(tls.key)]);
  try {
    return credentials.createSsl(ca, key, cert);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw refusal(
      `The TLS files for vtctld are not usable: ${said}`,
      "Check that they are PEM files that belong together.",
    );
  }
}

async function pem(path: string | null): Promise<Buffer | null> {
  if (path === null) return null;
  try {
    return await readFile(path);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw refusal(`A TLS file for vtctld cannot be read: ${said}`, "Check the path and who may read it.");
  }
}

function refusal(message: string, todo: string): VtpipeError {
  return new VtpipeError({ code: "config", message, now: "Nothing was changed.", todo });
}
