import { unframe } from "./protocol/packets.ts";
import { refusal, SqlError } from "./refusal.ts";
import { type ClientOutput, relay } from "./relay.ts";
import { type Session, upstreamOf } from "./session.ts";
import type { Upstream } from "./upstream.ts";

/** mysqld's own max_prepared_stmt_count. */
const preparedMax = 16_382;

/** Prepared statements of a client, each on the shard session that prepared it, under a number of the router's own. */
export interface PreparedStatements {
  prepare(session: Session, shard: string, command: Buffer, output: ClientOutput): Promise<void>;
  /** COM_STMT_EXECUTE and COM_STMT_RESET. */
  run(session: Session, command: Buffer, output: ClientOutput): Promise<void>;
  /** COM_STMT_CLOSE and COM_STMT_SEND_LONG_DATA, which have no answer, not even for an error. */
  send(session: Session, command: Buffer): Promise<void>;
  clear(): void;
}

interface Prepared {
  readonly upstream: Upstream;
  readonly id: number;
}

const commandReset = 0x1a;
const commandClose = 0x19;

export function createPreparedStatements(): PreparedStatements {
  const statements = new Map<number, Prepared>();
  let lastId = 0;

  /** A statement of another target is gone: its number must not reach another shard's statement of the same number. */
  function find(session: Session, command: Buffer): { id: number; prepared: Prepared | null } {
    const id = command.length >= 5 ? command.readUInt32LE(1) : 0;
    const prepared = statements.get(id);
    const here = prepared !== undefined && prepared.upstream.shard === session.target?.shard && !prepared.upstream.lost;
    return { id, prepared: here ? prepared : null };
  }

  function readdressed(command: Buffer, id: number): Buffer {
    const copy = Buffer.from(command);
    copy.writeUInt32LE(id, 1);
    return copy;
  }

  async function prepare(session: Session, shard: string, command: Buffer, output: ClientOutput): Promise<void> {
    if (statements.size >= preparedMax) {
      throw new SqlError(1461, "42000", `Can't create more than max_prepared_stmt_count statements (${preparedMax})`);
    }
    const upstream = await upstreamOf(session, shard);
    const chunks: Buffer[] = [];
    // Definitions of parameters and columns: small, and the number in the first packet has to be the router's.
    const tracker = await upstream.exchange(command, "prepare", (chunk) => {
      chunks.push(Buffer.from(chunk));
      return undefined;
    });
    const answer = Buffer.concat(chunks);
    if (!tracker.failed) {
      const id = unframe(answer)[0]?.readUInt32LE(1) ?? 0;
      statements.set(++lastId, { upstream, id });
      answer.writeUInt32LE(lastId, 5);
    }
    await output.write(answer);
  }

  async function run(session: Session, command: Buffer, output: ClientOutput): Promise<void> {
    const reset = command[0] === commandReset;
    const { id, prepared } = find(session, command);
    if (prepared === null) {
      const message = `Unknown prepared statement handler (${id}) given to ${reset ? "mysql_stmt_reset" : "mysqld_stmt_execute"}`;
      throw new SqlError(1243, "HY000", `${message} (vtpipe stand-in router: USE drops prepared statements)`);
    }
    if (!reset && command[5] !== 0) throw refusal("a cursor");
    await relay(session, prepared.upstream, readdressed(command, prepared.id), reset ? "single" : "query", output);
  }

  async function send(session: Session, command: Buffer): Promise<void> {
    const { id, prepared } = find(session, command);
    if (command[0] === commandClose) statements.delete(id);
    if (prepared !== null) await prepared.upstream.send(readdressed(command, prepared.id));
  }

  return { prepare, run, send, clear: () => statements.clear() };
}
