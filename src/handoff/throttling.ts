import type { Throttling } from "../contracts/handoff-status.ts";
import type { StreamView } from "./view.ts";

/** Vitess's parts of a stream, by the names under which they are throttled. */
const parts: Readonly<Record<string, string>> = {
  vplayer: "applying on the target",
  vcopier: "copying on the target",
  vstreamer: "reading on the source",
  rowstreamer: "copying on the source",
};

/** Who holds a stream back; `why` in the throttler's own words. */
export function throttling({ throttled }: StreamView, why: string): Throttling {
  const name = throttled?.by ?? "";
  const part = parts[name.split(":")[0] ?? ""];
  return { by: part === undefined ? name : `${name} (${part})`, why };
}

/** Is it the source's throttler that holds the stream back, rather than the target's? */
export const throttledAtSource = ({ throttled }: StreamView): boolean => /streamer/.test(throttled?.by ?? "");
