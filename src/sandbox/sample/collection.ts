import { getSession } from "@mysql/xdevapi";
import { prose } from "./literals.ts";
import type { Random } from "./random.ts";

/** Where the X Plugin of the source answers. */
export interface DocumentStore {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export const collectionName = "catalog";
const DOCUMENTS = 300;

/** Makes a Document Store collection as an application would, over X Protocol, so that its table is the server's own. */
export async function makeCollection(store: DocumentStore, random: Random, scale: number): Promise<number> {
  const { host, port, user, password, database } = store;
  const session = await getSession({ host, port, user, password, tls: { enabled: true } });
  try {
    const collection = await session.getSchema(database).createCollection(collectionName);
    const count = Math.ceil(DOCUMENTS * scale);
    const documents = Array.from({ length: count }, (_, index) => documentOf(random, index));
    for (let at = 0; at < count; at += 100) await collection.add(documents.slice(at, at + 100)).execute();
    return count;
  } finally {
    await session.close();
  }
}

/** With an `_id` of its own: one the server makes depends on the time. */
function documentOf(random: Random, index: number): Record<string, unknown> {
  return {
    _id: `doc-${String(index).padStart(28, "0")}`,
    title: prose(random, 4),
    stock: random.int(0, 1_000_000),
    rating: random.int(0, 50) / 8,
    tags: Array.from({ length: random.int(0, 4) }, () => prose(random, 1)),
    maker: random.chance(0.3) ? null : { name: prose(random, 2), since: random.int(1900, 2024) },
  };
}
