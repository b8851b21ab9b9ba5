import { describe, expect, test } from "vitest";
import { equivalent } from "../../../../src/vitess/vtctld/equivalent.ts";
import type { VtctldMethod } from "../../../../src/vitess/vtctld/field.ts";
import { calls } from "../../../../src/vitess/vtctld/messages/calls.ts";
import { requests } from "../../../support/vtctld-requests.ts";

const methods = Object.keys(requests) as VtctldMethod[];

test("every call has a line, and every field of its request turns up in an example", () => {
  expect(methods.sort()).toEqual(Object.keys(calls).sort());
  for (const method of methods) {
    const used = new Set(requests[method].flatMap(({ request }) => Object.keys(request)));
    expect([...used].sort(), method).toEqual(Object.keys(calls[method].request).sort());
  }
});

describe.each(methods)("%s", (method) => {
  test.each(requests[method].map(({ request, line }) => [line, request] as const))("is %s", (line, request) => {
    expect(equivalent("localhost:15999", method, request)).toBe(`vtctldclient --server=localhost:15999 ${line}`);
  });
});

test("TLS is in the line; a login is the name of a file that holds it", () => {
  const line = equivalent(
    {
      address: "[::1]:15999",
      tls: { ca: "/etc/my ca.pem", cert: "/c.pem", key: "/k.pem", serverName: "vtctld.example" },
      login: { user: "migration", password: "s3cret" },
    },
    "GetKeyspaces",
    {},
  );
  expect(line).toBe(
    `vtctldclient '--server=[::1]:15999' '--vtctld-grpc-ca=/etc/my ca.pem' --vtctld-grpc-cert=/c.pem --vtctld-grpc-key=/k.pem --vtctld-grpc-server-name=vtctld.example --grpc-auth-static-client-creds="$VTCTLD_CREDENTIALS" GetKeyspaces`,
  );
});
