import type { Session } from "../mysql/session.ts";

/** Where a statement goes: an index into the topology's shards, or vtgate's own routing. */
export type Destination = number;
export const ROUTED: Destination = -1;

/** A place among the statements in flight to one destination. */
export interface Lease {
  /** Were all places taken when it was asked for? */
  readonly waited: boolean;
  /** The session of this place; opened when there is none. */
  session(): Promise<Session>;
  /** Gives up the session: it is lost, or what it is doing is unknown. */
  discard(): void;
  release(): void;
}

/**
 * The target sessions of one worker, a few per destination, shared by all tables it loads. A place is held while a
 * statement is on its way, so the number of places is the number of statements in flight.
 */
export interface SessionPool {
  lease(destination: Destination): Promise<Lease>;
  /** Logs out of idle sessions. Nothing may be leased. */
  close(): Promise<void>;
  /** Cuts everything now. */
  destroy(): void;
}

interface Places {
  readonly idle: Session[];
  readonly waiting: (() => void)[];
  /** When each was taken, oldest first. */
  readonly taken: Set<{ readonly at: number }>;
  busy: number;
}

export function createSessionPool(options: {
  /** Places there are at a destination now, at least 1. Asked whenever one is wanted or given back. */
  places(destination: Destination): number;
  open(destination: Destination): Promise<Session>;
  /** Told whenever places are taken or given back: how many are, and since when (`Date.now()`) the one longest taken. */
  onTaken?(destination: Destination, taken: number, oldest: number | null): void;
}): SessionPool {
  const all = new Map<Destination, Places>();
  const open = new Set<Session>();

  function placesOf(destination: Destination): Places {
    let places = all.get(destination);
    if (places === undefined) {
      places = { idle: [], waiting: [], taken: new Set(), busy: 0 };
      all.set(destination, places);
    }
    return places;
  }

  function tell(destination: Destination, { taken }: Places): void {
    const [oldest] = taken;
    options.onTaken?.(destination, taken.size, oldest?.at ?? null);
  }

  function release(destination: Destination, places: Places, session: Session | null): void {
    if (session !== null) places.idle.push(session);
    places.busy--;
    while (places.busy < options.places(destination) && places.waiting.length > 0) {
      places.busy++;
      places.waiting.shift()?.();
    }
  }

  return {
    async lease(destination) {
      const places = placesOf(destination);
      const waited = places.busy >= options.places(destination);
      if (!waited) places.busy++;
      else await new Promise<void>((resolve) => places.waiting.push(resolve));
      let session = places.idle.pop() ?? null;
      const mine = { at: Date.now() };
      places.taken.add(mine);
      tell(destination, places);
      return {
        waited,
        async session() {
          if (session === null) {
            session = await options.open(destination);
            open.add(session);
          }
          return session;
        },
        discard() {
          if (session === null) return;
          open.delete(session);
          session.destroy();
          session = null;
        },
        release() {
          places.taken.delete(mine);
          tell(destination, places);
          release(destination, places, session);
          session = null;
        },
      };
    },
    async close() {
      await Promise.all([...open].map((session) => session.close()));
      open.clear();
      all.clear();
    },
    destroy() {
      for (const session of open) session.destroy();
      open.clear();
      all.clear();
    },
  };
}
