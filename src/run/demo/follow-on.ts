import type { Config, HandoffConfig } from "../../config/config.ts";
import { shopTables } from "../../sandbox/sample/sample-config.ts";
import { addLine, hasLine } from "../../sandbox/sample/shop.ts";
import { followJob } from "../jobs/follow.ts";
import { act, type Stage, secondsSince, succeed, within } from "./stage.ts";

const lastLine = 101;

/**
 * The acts after the copy where there is no Vitess to hand over to: vtpipe itself follows the source. Nothing switches here, and
 * nothing goes back.
 */
export async function followOn(stage: Stage): Promise<void> {
  const { context, shop, oldSide, newSide } = stage;
  const config = followingShop(stage.config);
  const tell = (text: string): void => context.emit({ type: "note", text });

  await act(context, "Catching up, while the shop goes on selling", async () => {
    tell(
      "This is the stand-in, not Vitess: it has no VReplication to hand over to, so `vtpipe follow` reads the source's log.",
    );
    await succeed(followJob(config, { at: "caught-up" }, within(context)));
  });
  await act(context, "The last transactions, with the shop closed", async () => {
    const closedAt = performance.now();
    await shop.pause();
    await addLine(oldSide, lastLine);
    await succeed(followJob(config, { at: "caught-up" }, within(context)));
    tell(`The shop was closed for ${secondsSince(closedAt)}; ${shop.transactions} transactions were committed before.`);
    const seen = await hasLine(newSide, lastLine);
    tell(
      `${seen ? "Proven" : "NOT SEEN"}: line ${lastLine} of order 1, the last write on the source, is on the target.`,
    );
  });
  tell(
    "With a real Vitess (`npm start` finds it on PATH) the demo goes on: VDiff, switch, a write on the new side seen on the old, and back.",
  );
}

/** Only the shop's tables change; among the others are some that cannot be followed. */
function followingShop(config: Config): Config {
  const handoff: HandoffConfig = {
    sourceKeyspace: "",
    workflow: "",
    cells: [],
    tabletTypes: [],
    follow: [...shopTables],
    maxLagSeconds: 1,
    switchTimeoutSeconds: 1,
    login: null,
    tls: null,
  };
  return { ...config, handoff };
}
