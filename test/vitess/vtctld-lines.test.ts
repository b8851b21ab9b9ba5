import { execFile } from "node:child_process";
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { encodeRequest, messageTypes } from "../../src/vitess/vtctld/codec.ts";
import { equivalent } from "../../src/vitess/vtctld/equivalent.ts";
import type { VtctldMethod } from "../../src/vitess/vtctld/field.ts";
import { calls } from "../../src/vitess/vtctld/messages/calls.ts";
import { requests } from "../support/vtctld-requests.ts";

const methods = Object.keys(calls) as VtctldMethod[];
/** What arrived last, by call. */
const received = new Map<string, Buffer>();
const server = new Server();
let address = "";

/** Takes down what vtctldclient asks. Its answers are empty, but for the workflow that a start looks for. */
beforeAll(async () => {
  const workflow = Buffer.from([0x0a, 0x06, 0x0a, 0x04, ...Buffer.from("move")]);
  const same = (bytes: Buffer): Buffer => bytes;
  const method = (name: string) => ({
    ...{ path: `/vtctlservice.Vtctld/${name}`, requestStream: false, responseStream: false },
    ...{ requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same },
  });
  const implementation: UntypedServiceImplementation = Object.fromEntries(
    methods.map((name) => [
      name,
      (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => {
        received.set(name, call.request);
        answer(null, name === "GetWorkflows" ? workflow : Buffer.alloc(0));
      },
    ]),
  );
  server.addService(Object.fromEntries(methods.map((name) => [name, method(name)])), implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  address = `127.0.0.1:${port}`;
});

afterAll(() => server.forceShutdown());

const cases = methods.flatMap((method) => requests[method].map(({ request }, index) => ({ method, request, index })));

describe.skipIf(inject("vtgate").kind !== "vitess")(
  "run by a shell, the printed line asks vtctld for just what our call asks",
  () => {
    test.each(cases)("$method, example $index", async ({ method, request }) => {
      received.clear();
      const printed = await shell(equivalent(address, method, request));
      const asked = received.get(method);
      expect(asked, printed).toBeDefined();
      expect(plain(method, asked ?? Buffer.alloc(0))).toEqual(plain(method, encodeRequest(method, request)));
    });
  },
);

function plain(method: VtctldMethod, bytes: Uint8Array): object {
  const type = messageTypes.lookupType(`${method}Request`);
  return withoutDefaults(type.toObject(type.decode(bytes), { longs: String, enums: String, bytes: String })) as object;
}

/** On the wire there is no telling a default from nothing, nor should there be here. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value)
    .map(([key, inner]) => [key, withoutDefaults(inner)] as const)
    .filter(([, inner]) => ![false, 0, "0", "", "LEAVE", "UNKNOWN", "ANY", "IGNORE"].includes(inner as string))
    .filter(([, inner]) => typeof inner !== "object" || Object.keys(inner ?? {}).length > 0);
  return Object.fromEntries(kept);
}

/** Everything the line prints, whether it likes our empty answers or not. */
function shell(line: string): Promise<string> {
  return new Promise((resolve) => {
    execFile("/bin/sh", ["-c", line], { timeout: 20_000, cwd: "/" }, (_error, stdout, stderr) =>
      resolve(`${line}\n${stdout}${stderr}`),
    );
  });
}
