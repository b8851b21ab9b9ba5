import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { mysqlPacket, packetCutter, tlsRecord } from "./packet-cutter.ts";

/** What may happen to a connection. All but the first happen at a packet of the answer. */
export type FaultKind =
  /** The connection ends before the request is passed on. */
  | "cut-before"
  /** The request was carried out, and the connection ends before its answer. */
  | "cut-after"
  /** The same by a reset instead of an end. */
  | "rst"
  /** From here on nothing comes, and nothing is passed on; that the client leaves is. */
  | "silence"
  /** From here on neither side hears anything of the other, not even that it has left. */
  | "half-open"
  /** The answer goes on byte by byte for a while. */
  | "drip"
  /** Half of the packet comes, then the connection ends. */
  | "tear"
  /** A byte of the packet is another one. */
  | "corrupt"
  /** The packet lacks its last byte, all else goes on. */
  | "truncate"
  /** The packet has the number after its own. */
  | "sequence";

export interface PlannedFault {
  readonly fault: FaultKind;
  /** What it strikes: logins, the records of TLS connections, or requests whose text matches, prepared ones as `EXECUTE …`. */
  readonly at: "login" | "tls" | RegExp;
  /** The match it begins with, from 1, counted over all connections. Default 1. */
  readonly nth?: number;
  /** How many matches from there on are struck. Default 1: then everything goes well again. */
  readonly times?: number;
  /** Which packet of the answer (record, with TLS), from 0. The greeting is packet 0 of the login's answer. */
  readonly packet?: number;
  /** Which byte of it is corrupted, header included. Default 0, the length. */
  readonly byte?: number;
  /** What that byte becomes. Default: what it was with its lowest bit turned. */
  readonly becomes?: number;
}

/** A server behind a port on which its connections can be made to fail. */
export interface FaultProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** From now on, in place of any plan before; null: nothing fails. */
  plan(fault: PlannedFault | null): void;
  /** How often the present plan has struck. */
  struck(): number;
  /** Ends all connections, those too that a fault keeps open. */
  endAll(): void;
}

const COM_QUERY = 0x03;
const COM_STMT_PREPARE = 0x16;
const COM_STMT_EXECUTE = 0x17;
const CLIENT_SSL = 0x800;
/** Enough of a statement to know it by. */
const TEXT_BYTES = 400;
const DRIPPED_BYTES = 300;

/**
 * A TCP proxy that knows MySQL's packets well enough to tell logins, requests and the packets of their answers apart. Behind it
 * nothing of a client's connection outlives it, but for what is half open.
 */
export async function faultProxy(upstream: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  let plan: PlannedFault | null = null;
  let matches = 0;
  let struck = 0;
  const sockets = new Set<Socket>();

  /** The planned fault, if this is what it waits for. */
  function faultOf(what: "login" | "tls" | { readonly sql: string }): PlannedFault | null {
    if (plan === null) return null;
    const { at, nth = 1, times = 1 } = plan;
    const isMatch = typeof what === "string" ? at === what : typeof at !== "string" && at.test(what.sql);
    if (!isMatch) return null;
    matches++;
    return matches >= nth && matches < nth + times ? plan : null;
  }

  function kept(socket: Socket): Socket {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    return socket;
  }

  function serve(client: Socket): void {
    kept(client);
    /** What will strike at the answer that is awaited. */
    let due = faultOf("login");
    if (due?.fault === "cut-before") {
      struck++;
      client.resume();
      client.end();
      return;
    }
    const server = kept(connect(upstream));
    let tls = false;
    let loggedIn = false;
    /** Packets of the present answer so far. */
    let packets = 0;
    let silent = false;
    let halfOpen = false;
    /** The bytes that drip, one after the other; null: none do. */
    let dripping: Promise<void> | null = null;
    let dripsLeft = DRIPPED_BYTES;
    let preparing = "";
    const prepared = new Map<number, string>();

    const lengthOf = (bytes: Buffer): number | null => (tls ? tlsRecord : mysqlPacket)(bytes);

    function end(): void {
      client.destroySoon();
      server.destroy();
    }

    function textOf(packet: Buffer): string {
      const text = packet.toString("utf8", 5, 5 + TEXT_BYTES);
      preparing = packet[4] === COM_STMT_PREPARE ? text : "";
      if (packet[4] === COM_QUERY || packet[4] === COM_STMT_PREPARE) return text;
      return packet[4] === COM_STMT_EXECUTE ? `EXECUTE ${prepared.get(packet.readUInt32LE(5)) ?? ""}` : "";
    }

    const onRequest = packetCutter(lengthOf, (packet) => {
      if (silent) return;
      if (!tls && packet[3] === 0) {
        // A command begins a new exchange, which counts from 0.
        loggedIn = true;
        packets = 0;
        due = faultOf({ sql: textOf(packet) });
        if (due?.fault === "cut-before") {
          struck++;
          end();
          return;
        }
      } else if (!tls && !loggedIn && packet.length === 36 && (packet.readUInt32LE(4) & CLIENT_SSL) !== 0) {
        tls = true;
        packets = 0;
        due = faultOf("tls");
      }
      server.write(packet);
    });

    const onAnswer = packetCutter(lengthOf, (packet) => {
      const at = packets++;
      if (silent) return;
      if (at === 0 && preparing !== "" && packet[4] === 0) prepared.set(packet.readUInt32LE(5), preparing);
      if (due === null || at < (due.packet ?? 0)) {
        pass(packet);
        return;
      }
      const present = due;
      due = null;
      struck++;
      strike(present, packet);
    });

    function pass(packet: Buffer): void {
      if (dripping === null) client.write(packet);
      else dripping = dripping.then(() => drip(packet));
    }

    async function drip(packet: Buffer): Promise<void> {
      let at = 0;
      for (; at < packet.length && dripsLeft > 0 && !client.destroyed; at++, dripsLeft--) {
        client.write(packet.subarray(at, at + 1));
        await delay(1);
      }
      client.write(packet.subarray(at));
    }

    function strike({ fault, byte = 0, becomes }: PlannedFault, packet: Buffer): void {
      const changed = Buffer.from(packet);
      switch (fault) {
        case "cut-before":
        case "cut-after":
          end();
          break;
        case "rst":
          client.resetAndDestroy();
          server.destroy();
          break;
        case "silence":
          silent = true;
          break;
        case "half-open":
          silent = true;
          halfOpen = true;
          break;
        case "drip":
          dripping = Promise.resolve();
          pass(packet);
          break;
        case "tear":
          client.write(packet.subarray(0, packet.length >> 1));
          end();
          break;
        case "corrupt":
          changed[byte] = becomes ?? (changed[byte] ?? 0) ^ 1;
          pass(changed);
          break;
        case "truncate":
          pass(packet.subarray(0, -1));
          break;
        case "sequence":
          changed[3] = ((changed[3] ?? 0) + 1) & 0xff;
          pass(changed);
          break;
      }
    }

    client.on("data", onRequest);
    server.on("data", (chunk) => {
      // What came together leaves together.
      client.cork();
      onAnswer(chunk);
      client.uncork();
    });
    client.on("close", () => {
      if (!halfOpen) server.destroy();
    });
    server.on("close", () => {
      if (silent) return;
      if (dripping === null) client.destroySoon();
      else void dripping.then(() => client.destroySoon());
    });
  }

  const own = createServer(serve);
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  const bound = own.address();
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    host: "127.0.0.1",
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    plan(fault) {
      plan = fault;
      matches = 0;
      struck = 0;
    },
    struck: () => struck,
    endAll,
    async [Symbol.asyncDispose]() {
      endAll();
      await new Promise((resolve) => own.close(resolve));
    },
  };
}
