import type { HandoffStatus } from "../../contracts/handoff-status.ts";
import { addLine, hasLine } from "../../sandbox/sample/shop.ts";
import { takeThem } from "../handoff/steps.ts";
import { handoffStartJob } from "../jobs/handoff.ts";
import { reverseJob, switchJob } from "../jobs/switch.ts";
import { vdiffJob } from "../jobs/vdiff.ts";
import { watchJob } from "../jobs/watch.ts";
import { act, type Stage, secondsSince, succeed, untilSeen, within } from "./stage.ts";

/** Lines of an order that only the demo writes, one on each side. */
const newLine = 101;
const oldLine = 102;

/** The acts after the copy, on a real Vitess: VReplication takes the shop's tables over, and the traffic goes there and back. */
export async function handOver(stage: Stage): Promise<void> {
  const { config, context, shop, oldSide, newSide } = stage;
  const tell = (text: string): void => context.emit({ type: "note", text });

  await act(context, "The handoff: VReplication starts at the copy's position", async () => {
    await succeed(handoffStartJob(config, takeThem, within(context)));
  });
  await act(context, "Catching up, while the shop goes on selling", () => catchUp(stage));
  await act(context, "Source and target compared, while both change", async () => {
    await succeed(vdiffJob(config, within(context)));
    // Streams stood still while their tables were read, and a lagging stream is not switched.
    await caughtUp(stage);
  });
  await act(context, "The switch", async () => {
    const closedAt = performance.now();
    await shop.pause();
    const wishes = { ...takeThem, dryRun: false, writersFenced: true, skipVdiff: false };
    await succeed(switchJob(config, wishes, within(context)));
    tell(`The shop was closed for ${secondsSince(closedAt)}; ${shop.transactions} transactions were committed before.`);
  });
  await act(context, "A write on the new side, seen on the old", async () => {
    await addLine(newSide, newLine);
    const took = await untilSeen(context, "A line written through vtgate", () => hasLine(oldSide, newLine));
    tell(`Proven: line ${newLine} of order 1, written through vtgate, was on the old source ${took} later.`);
  });
  await act(context, "And back", async () => {
    const wishes = { ...takeThem, dryRun: false, loseTargetWrites: true };
    await succeed(reverseJob(config, wishes, within(context)));
    shop.resume();
    await addLine(oldSide, oldLine);
    const took = await untilSeen(context, "A line written on the source", () => hasLine(newSide, oldLine));
    tell(
      `Proven: the shop sells on the old source again; line ${oldLine} of order 1 was on the new side ${took} later.`,
    );
  });
}

async function catchUp(stage: Stage): Promise<void> {
  const status = await caughtUp(stage);
  if (status !== null) stage.context.emit({ type: "handoff", status });
  stage.context.emit({
    type: "note",
    text: `Caught up with the ${stage.shop.transactions} transactions of the shop so far.`,
  });
}

/** Waits until the streams are; of many looks the last tells it all. */
async function caughtUp({ config, context }: Stage): Promise<HandoffStatus | null> {
  let last: HandoffStatus | null = null;
  const quiet = within(context, (event) => {
    if (event.type === "handoff") last = event.status;
    else context.emit(event);
  });
  await succeed(watchJob(config, { every: 1, until: "caught-up", timeout: 120 }, quiet));
  return last;
}
