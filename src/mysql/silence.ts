/** Seconds without a byte of an answer that is due, where the config does not say. */
export const SILENCE_SECONDS = 60;
/** Looks in a row that find nobody at work. One may fall between the end of the work and the arrival of its answer. */
const LOOKS = 2;

export interface SilenceOptions {
  /** How long is silence. */
  readonly seconds: number;
  /** Bytes that have come so far. */
  bytesRead(): number;
  /** Is the other side at work on its answer? Rejects when that cannot be found out. null: silence itself is loss. */
  readonly isAtWork: (() => Promise<boolean>) | null;
}

/**
 * Watches over a wait for an answer, which no statement's length may limit: a sum over a large table is silent for hours. So when
 * no byte has come for a whole period, it is asked whether anybody is at work, and `lost` is called when nobody is. What is
 * returned ends the watch.
 */
export function watchSilence(
  { seconds, bytesRead, isAtWork }: SilenceOptions,
  lost: (why: string) => void,
): () => void {
  let over = false;
  let before = bytesRead();
  let inVain = 0;
  let timer = setTimeout(look, seconds * 1000);

  function look(): void {
    void nobodyWorks().then((nobody) => {
      if (over) return;
      inVain = nobody ? inVain + 1 : 0;
      if (inVain === (isAtWork === null ? 1 : LOOKS)) {
        over = true;
        lost(`nothing has come from it for ${seconds * inVain} s, though an answer is due`);
        return;
      }
      before = bytesRead();
      timer = setTimeout(look, seconds * 1000);
    });
  }

  async function nobodyWorks(): Promise<boolean> {
    if (bytesRead() !== before) return false;
    if (isAtWork === null) return true;
    const works = await isAtWork().catch(() => false);
    return !works && bytesRead() === before;
  }

  return () => {
    over = true;
    clearTimeout(timer);
  };
}
