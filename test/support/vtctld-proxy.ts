import {
  type ClientHttp2Session,
  connect,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { messageTypes } from "../../src/vitess/vtctld/codec.ts";
import { calls } from "../../src/vitess/vtctld/messages/calls.ts";

/** Where a client stands still for good: before its call has reached vtctld, while vtctld is at work, before it hears the answer. */
export type Place = "before" | "during" | "after";

/** A call that a client is held up in. */
export interface HeldCall {
  /** Is a client standing there? Then it can be killed at this very place. */
  reached(): boolean;
  /** Name of the held call; null while none is. */
  method(): string | null;
  /** The held call with all it asks for: two that are the same did the same. */
  request(): string;
}

/** vtctld behind a port of a test's own, on which calls that change something can be held up. */
export interface VtctldProxy extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Holds up the `nth` changing call (from 1; of that method, if said) from now on. What was to be held up before is not any more. */
  hold(place: Place, nth?: number, method?: string): HeldCall;
  /** Lets every call through again. */
  release(): void;
}

type Headers = Record<string, string | string[] | number | undefined>;

/** gRPC's unary calls over HTTP/2, without TLS: whole requests go to `server`, whole answers come back. */
export async function vtctldProxy(server: string): Promise<VtctldProxy> {
  const upstream = new Map<ServerHttp2Session, ClientHttp2Session>();
  let wanted: { readonly place: Place; readonly method: string | null; left: number; held: Held | null } | null = null;
  const own = createServer();

  own.on("session", (session) => {
    const behind = connect(`http://${server}`);
    upstream.set(session, behind);
    behind.on("error", () => session.destroy());
    session.on("error", () => {});
    // A client that is gone cancels what it asked for, as it would without us.
    session.on("close", () => {
      upstream.delete(session);
      behind.destroy();
    });
  });
  own.on("stream", (stream: ServerHttp2Stream, headers: Headers) => {
    const asked: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (part: Buffer) => asked.push(part));
    stream.on("end", () => {
      const call: Held = { method: String(headers[":path"]).split("/").at(-1) ?? "", request: Buffer.concat(asked) };
      const place = placeOf(call);
      const hold = (): void => {
        if (wanted !== null) wanted.held = call;
      };
      if (place === "before") return hold();
      const behind = stream.session && upstream.get(stream.session as ServerHttp2Session);
      if (!behind) return stream.close();
      pass(stream, behind, headers, call.request, place === "after" ? hold : null);
      if (place === "during") hold();
    });
  });

  /** Where this call is to be held up, if it is the one. */
  function placeOf(call: Held): Place | null {
    if (wanted === null || wanted.held !== null) return null;
    if (!leavesTraces(call) || (wanted.method ?? call.method) !== call.method) return null;
    return --wanted.left > 0 ? null : wanted.place;
  }

  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  const bound = own.address();
  return {
    address: `127.0.0.1:${typeof bound === "object" ? bound?.port : ""}`,
    hold(place, nth = 1, method) {
      const mine = { place, method: method ?? null, left: nth, held: null as Held | null };
      wanted = mine;
      return {
        reached: () => mine.held !== null,
        method: () => mine.held?.method ?? null,
        request: () => `${mine.held?.method} ${mine.held?.request.toString("latin1")}`,
      };
    },
    release() {
      wanted = null;
    },
    async [Symbol.asyncDispose]() {
      for (const [session, behind] of upstream) {
        session.destroy();
        behind.destroy();
      }
      await new Promise((resolve) => own.close(resolve));
    },
  };
}

interface Held {
  readonly method: string;
  readonly request: Buffer;
}

/** Makes the call and gives its answer back, or keeps it and says so. */
function pass(
  stream: ServerHttp2Stream,
  behind: ClientHttp2Session,
  headers: Headers,
  body: Buffer,
  keep: (() => void) | null,
): void {
  const request = behind.request(withoutConnection(headers));
  let answer: Headers = {};
  let trailers: Headers = {};
  const parts: Buffer[] = [];
  request.on("response", (got) => {
    answer = got;
  });
  request.on("trailers", (got) => {
    trailers = got;
  });
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("error", () => stream.close());
  request.on("end", () => {
    if (keep !== null) return keep();
    if (stream.destroyed) return;
    // An error without an answer comes as headers alone.
    if (answer["grpc-status"] !== undefined) return stream.respond(withoutConnection(answer), { endStream: true });
    stream.respond(withoutConnection(answer), { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers(withoutConnection(trailers)));
    stream.end(Buffer.concat(parts));
  });
  request.end(body);
}

/**
 * Does a call leave something behind? A question does not, nor does a tablet that is told to read its record again: it is as it
 * would be after its next start.
 */
function leavesTraces({ method, request }: Held): boolean {
  if (method === "RefreshStateByShard") return false;
  if (method === "ExecuteFetchAsDBA") {
    // gRPC puts five bytes before a message.
    const { query } = messageTypes.lookupType("ExecuteFetchAsDBARequest").decode(request.subarray(5)) as unknown as {
      readonly query: string;
    };
    return !/^(select|show|with) /i.test(query.trimStart());
  }
  return (calls as Readonly<Record<string, { readonly effect: string }>>)[method]?.effect === "changes";
}

/** Headers that say something about a connection stay on it. */
function withoutConnection(headers: Headers): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name !== "host" && name !== "connection");
  return Object.fromEntries(kept) as Record<string, string>;
}
