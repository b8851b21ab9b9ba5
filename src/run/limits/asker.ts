import type { Session } from "../../mysql/session.ts";

/** A look that takes longer says nothing about now, and may never end. */
const LOOK_TIMEOUT_MS = 10_000;

/** Asks one server again and again over a connection of its own, which is opened when it is first needed. */
export interface Asker extends AsyncDisposable {
  /** null: the server gave no answer, in time or at all. */
  ask<T>(question: (session: Session) => Promise<T>): Promise<T | null>;
}

export function newAsker(open: (signal: AbortSignal) => Promise<Session>): Asker {
  let line: { readonly session: Promise<Session>; readonly cut: AbortController } | null = null;
  return {
    async ask(question) {
      if (line === null) {
        const cut = new AbortController();
        line = { session: open(cut.signal), cut };
      }
      const { session, cut } = line;
      const timer = setTimeout(() => cut.abort(), LOOK_TIMEOUT_MS);
      try {
        return await question(await session);
      } catch {
        cut.abort();
        line = null;
        return null;
      } finally {
        clearTimeout(timer);
      }
    },
    async [Symbol.asyncDispose]() {
      const closing = line;
      line = null;
      closing?.cut.abort();
      await closing?.session.catch(() => null);
    },
  };
}
