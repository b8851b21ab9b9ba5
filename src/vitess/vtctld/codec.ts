import protobuf from "protobufjs/light.js";
import type { Fields, VtctldMethod, VtctldRequest, VtctldResponse } from "./field.ts";
import { calls } from "./messages/calls.ts";
import { enums } from "./messages/enums.ts";
import { schemaMessages } from "./messages/schema.ts";
import { topologyMessages } from "./messages/topology.ts";
import { workflowMessages } from "./messages/workflow.ts";

/** Requests to bytes and bytes to answers, from the tables in `messages/`. */

interface Field {
  readonly id: number;
  readonly type: string;
  readonly shape: "one" | "list" | "map" | "optional";
}

function parseField(text: string): Field {
  const [, id, type, suffix] = /^(\d+) (\w+)(\[\]|\{\}|\?)?!?$/.exec(text) ?? [];
  if (id === undefined || type === undefined) throw new Error(`no field: ${text}`);
  const shape = suffix === "[]" ? "list" : suffix === "{}" ? "map" : suffix === "?" ? "optional" : "one";
  return { id: Number(id), type, shape };
}

function describe(fields: Fields): protobuf.IType {
  const parsed = Object.entries(fields).map(([name, text]) => [name, parseField(text)] as const);
  return {
    fields: Object.fromEntries(
      parsed.map(([name, { id, type, shape }]) => [
        name,
        shape === "map"
          ? { id, type, keyType: "string" }
          : shape === "list"
            ? { id, type, rule: "repeated" }
            : { id, type },
      ]),
    ),
    // A group of one tells an absent field from one that is empty.
    oneofs: Object.fromEntries(
      parsed.filter(([, { shape }]) => shape === "optional").map(([name]) => [`_${name}`, { oneof: [name] }]),
    ),
  };
}

/** All messages and enums; a call's own are named `<call>Request` and `<call>Response`. */
export const messageTypes: protobuf.Root = protobuf.Root.fromJSON({
  nested: {
    ...Object.fromEntries(Object.entries(enums).map(([name, values]) => [name, { values }])),
    ...Object.fromEntries(
      Object.entries({ ...topologyMessages, ...schemaMessages, ...workflowMessages }).map(([name, fields]) => [
        name,
        describe(fields),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(calls).flatMap(([name, { request, response }]) => [
        [`${name}Request`, describe(request)],
        [`${name}Response`, describe(response)],
      ]),
    ),
  },
});

/** Protobuf bytes of a request. */
export function encodeRequest<M extends VtctldMethod>(method: M, request: VtctldRequest<M>): Buffer {
  const type = messageTypes.lookupType(`${method}Request`);
  return Buffer.from(type.encode(type.fromObject(request)).finish());
}

/** An answer's protobuf bytes as plain data; fields this version does not know are left out. */
export function decodeResponse<M extends VtctldMethod>(method: M, bytes: Uint8Array): VtctldResponse<M> {
  const type = messageTypes.lookupType(`${method}Response`);
  const options = { defaults: true, longs: String, enums: String, bytes: Buffer };
  return type.toObject(type.decode(bytes), options) as VtctldResponse<M>;
}
