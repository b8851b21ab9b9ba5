/**
 * Capability flags of the MySQL client/server protocol (values from the protocol documentation), and the fixed set
 * this router advertises: the same that vtgate does, so a client that needs more fails here as it would there.
 */
export const capability = {
  longPassword: 0x1,
  foundRows: 0x2,
  longFlag: 0x4,
  connectWithDatabase: 0x8,
  protocol41: 0x200,
  transactions: 0x2000,
  secureConnection: 0x8000,
  multiStatements: 0x10000,
  multiResults: 0x20000,
  pluginAuth: 0x80000,
  connectAttributes: 0x100000,
  lengthEncodedAuth: 0x200000,
  deprecateEof: 0x1000000,
} as const;

export const advertisedCapabilities: number = Object.values(capability).reduce((all, flag) => all | flag, 0);

/** Flags that change what answers look like: the connection to the shard must have exactly the client's. */
const answerShaping =
  capability.foundRows | capability.multiStatements | capability.multiResults | capability.deprecateEof;

/** The flags to log in to a shard with, so that its answers can be handed to the client untouched. */
export function upstreamCapabilities(client: number): number {
  return (
    (client & answerShaping) |
    capability.longPassword |
    capability.longFlag |
    capability.connectWithDatabase |
    capability.protocol41 |
    capability.transactions |
    capability.secureConnection |
    capability.pluginAuth
  );
}

/** Server status bits that come in OK and EOF packets. */
export const serverStatus = { inTransaction: 0x1, autocommit: 0x2, moreResults: 0x8 } as const;

/** utf8mb4_0900_ai_ci: vttablet's connections always speak utf8mb4, whatever the client asked for. */
export const connectionCollation = 255;

/** gRPC between vtgate and vttablet refuses larger messages by default; a query or a row past it fails in Vitess. */
export const messageBytesMax = 16_777_216;
